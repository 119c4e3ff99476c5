/** Stable Diffusion checkpoints as pipelines: SD 1.x, 2.x and XL folders in the diffusers layout. */
@NullMarked
package org.imagerl.diffusion.pipeline;

import org.jspecify.annotations.NullMarked;
