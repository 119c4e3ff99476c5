/**
 * Training on finished images by the loss of the checkpoint's own pretraining: they are made noisy again, and the denoiser's output is compared with its
 * target. What algorithms of this kind share: times, noises, errors.
 */
@NullMarked
package org.imagerl.flow.matching;

import org.jspecify.annotations.NullMarked;
