/**
 * DGPO (Luo, Du, Zhang, Song, Liu, Jiang, Tang: Reinforcing Diffusion Models by Direct Group Preference Optimization, 2025, arXiv 2510.08425): the good images
 * of a group are preferred to its bad ones, all at once.
 */
@NullMarked
package org.imagerl.flow.dgpo;

import org.jspecify.annotations.NullMarked;
