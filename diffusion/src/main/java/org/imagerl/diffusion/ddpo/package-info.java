/**
 * What belongs to DDPO alone (Black, Janner, Du, Kostrikov, Levine, Training Diffusion Models with Reinforcement Learning, 2023,
 * arXiv 2305.13301): its advantage tracker and its presets. The rest is the recipe of parts.
 */
@NullMarked
package org.imagerl.diffusion.ddpo;

import org.jspecify.annotations.NullMarked;
