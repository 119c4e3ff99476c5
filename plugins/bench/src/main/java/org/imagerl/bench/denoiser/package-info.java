/** Speed and memory of the denoiser at the shapes of published checkpoints, with random weights, against bare kernels. */
@NullMarked
package org.imagerl.bench.denoiser;

import org.jspecify.annotations.NullMarked;
