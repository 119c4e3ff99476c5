/** The denoiser of Stable Diffusion 3 and 3.5, diffusers' {@code SD3Transformer2DModel}. Weight names are those of the checkpoint. */
@NullMarked
package org.imagerl.flow.sd3;

import org.jspecify.annotations.NullMarked;
