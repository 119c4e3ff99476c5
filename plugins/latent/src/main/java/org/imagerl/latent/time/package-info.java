/** Embeddings of timesteps and of other numbers, on which the denoisers of all families are conditioned. */
@NullMarked
package org.imagerl.latent.time;

import org.jspecify.annotations.NullMarked;
