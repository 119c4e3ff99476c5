/** Timesteps, and other numbers, as vectors: what denoisers of all families are told them by. */
@NullMarked
package org.imagerl.latent.time;

import org.jspecify.annotations.NullMarked;
