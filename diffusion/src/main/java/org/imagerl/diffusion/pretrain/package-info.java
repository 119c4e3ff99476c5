/** Checkpoints of the Stable-Diffusion-1 type from nothing, see {@link org.imagerl.latent.pretrain}. */
@NullMarked
package org.imagerl.diffusion.pretrain;

import org.jspecify.annotations.NullMarked;
