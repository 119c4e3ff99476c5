/**
 * DiffusionNFT (Zheng, Chen et al., DiffusionNFT: Online Diffusion Reinforcement with Forward Process, 2025, arXiv 2509.16117): a positive and a negative policy
 * on the forward process, without densities.
 */
@NullMarked
package org.imagerl.flow.nft;

import org.jspecify.annotations.NullMarked;
