/**
 * Learning from preferences between two images of a prompt: Diffusion-DPO (Wallace et al.: Diffusion Model Alignment Using Direct Preference Optimization,
 * 2023, arXiv 2311.12908) and other losses of pairs.
 */
@NullMarked
package org.imagerl.flow.pairs;

import org.jspecify.annotations.NullMarked;
