/**
 * Diffusion-DPO (Wallace et al.: Diffusion Model Alignment Using Direct Preference Optimization, 2023, arXiv 2311.12908) on pairs that a run makes itself: the best
 * and the worst image of each prompt.
 */
@NullMarked
package org.imagerl.flow.pairs;

import org.jspecify.annotations.NullMarked;
