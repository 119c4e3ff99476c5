/** Training of small rewards on the scores of other rewards. */
@NullMarked
package org.imagerl.training.distil;

import org.jspecify.annotations.NullMarked;
