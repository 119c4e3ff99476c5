/**
 * The autoencoder between images and latents, diffusers' {@code AutoencoderKL}. Class structure and weight names are those of
 * the checkpoint.
 */
@NullMarked
package org.imagerl.latent.vae;

import org.jspecify.annotations.NullMarked;
