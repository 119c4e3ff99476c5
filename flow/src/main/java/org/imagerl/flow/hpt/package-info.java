/** Hybrid post-training: demonstrations of prompts that the policy fails at, rewards elsewhere. */
@NullMarked
package org.imagerl.flow.hpt;

import org.jspecify.annotations.NullMarked;
