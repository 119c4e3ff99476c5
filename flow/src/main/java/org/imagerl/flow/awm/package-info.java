/**
 * What belongs to Advantage Weighted Matching alone (Xue et al., Advantage Weighted Matching: Aligning RL with Pretraining in Diffusion Models, 2025, arXiv
 * 2509.25050): minus the matching loss of finished pictures as their log-likelihood. It needs no transitions, so any sampler may make the pictures,
 * and it works for every model whose schedule tells what latents are made of.
 */
@NullMarked
package org.imagerl.flow.awm;

import org.jspecify.annotations.NullMarked;
