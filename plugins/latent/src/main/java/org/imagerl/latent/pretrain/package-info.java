/**
 * Checkpoints from nothing: VAE, then text encoders and denoiser together, on a generated word set or a folder of images with captions. A
 * family brings the components of a new checkpoint.
 */
@NullMarked
package org.imagerl.latent.pretrain;

import org.jspecify.annotations.NullMarked;
