/**
 * What belongs to Advantage Weighted Matching alone (Xue et al., Advantage Weighted Matching: Aligning RL with
 * Pretraining in Diffusion Models, 2025, arXiv 2509.25050): minus the matching loss of finished images as their
 * log-likelihood. It needs no transitions, so any sampler may make the images, and it works for every model whose noise
 * schedule gives the alpha-sigma coefficients.
 */
@NullMarked
package org.imagerl.flow.awm;

import org.jspecify.annotations.NullMarked;
