/**
 * Noise schedules of flow matching (Lipman et al., Flow Matching for Generative Modeling, 2022, arXiv 2210.02747; Liu et al., Flow
 * Straight and Fast, 2022, arXiv 2209.03003) in double and without tensors: {@code x_t = (1 - t) x0 + t eps}, t from 1 (noise) to 0.
 */
@NullMarked
package org.imagerl.flow.schedule;

import org.jspecify.annotations.NullMarked;
