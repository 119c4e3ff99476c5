/** Rewards that are networks in our own tensors, so that they have a gradient back to the image. */
@NullMarked
package org.imagerl.latent.reward;

import org.jspecify.annotations.NullMarked;
