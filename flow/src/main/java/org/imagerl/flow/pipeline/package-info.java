/** Checkpoint folders of flow-matching models as pipelines: Stable Diffusion 3 and 3.5, FLUX.1. */
@NullMarked
package org.imagerl.flow.pipeline;

import org.jspecify.annotations.NullMarked;
