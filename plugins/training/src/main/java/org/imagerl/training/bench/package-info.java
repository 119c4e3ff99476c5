/** How long the stages of a configured run take. */
@NullMarked
package org.imagerl.training.bench;

import org.jspecify.annotations.NullMarked;
