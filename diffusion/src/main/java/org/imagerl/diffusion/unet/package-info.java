/**
 * Stable Diffusion's denoiser, diffusers' {@code UNet2DConditionModel}, in the forms of SD 1.x, SD 2.x and SDXL. Class
 * structure and weight names are those of the checkpoint, so that a weight's key tells where it is used.
 *
 * <p>Every residual block, transformer and resize is one {@link org.imagerl.toolkit.tensor.Gradients#segment}: what it makes on
 * the way is freed when it ends, and with segment checkpointing a recording keeps only what passes between the segments.
 */
@NullMarked
package org.imagerl.diffusion.unet;

import org.jspecify.annotations.NullMarked;
