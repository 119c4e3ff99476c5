/** From gradients to new weights: AdamW, clipping by global norm, learning-rate schedules, EMA weights. */
@NullMarked
package org.imagerl.toolkit.optim;

import org.jspecify.annotations.NullMarked;
