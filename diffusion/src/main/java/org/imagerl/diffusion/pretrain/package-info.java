/**
 * Checkpoints from nothing, Stable-Diffusion-1-type here: VAE, then text encoders and denoiser together, on a generated word set or a folder
 * of pictures with captions.
 */
@NullMarked
package org.imagerl.diffusion.pretrain;

import org.jspecify.annotations.NullMarked;
