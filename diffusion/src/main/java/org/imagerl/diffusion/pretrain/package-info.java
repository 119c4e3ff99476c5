/**
 * A Stable-Diffusion-type checkpoint from nothing: VAE, then text encoder and denoiser together, on a generated word set or a folder
 * of pictures with captions.
 */
@NullMarked
package org.imagerl.diffusion.pretrain;

import org.jspecify.annotations.NullMarked;
