/** The denoiser of FLUX.1, diffusers' {@code FluxTransformer2DModel}. Weight names are those of the checkpoint. */
@NullMarked
package org.imagerl.flow.flux;

import org.jspecify.annotations.NullMarked;
