/** Checkpoints of flow-matching families from nothing. */
@NullMarked
package org.imagerl.flow.pretrain;

import org.jspecify.annotations.NullMarked;
