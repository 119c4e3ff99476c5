/** What the epochs and updates of a training run take, beside the passes of the denoiser in them. */
@NullMarked
package org.imagerl.bench.run;

import org.jspecify.annotations.NullMarked;
