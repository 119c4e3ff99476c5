/** From prompts to trajectories: the guided denoiser as a policy, and the sampler that rolls it out. */
@NullMarked
package org.imagerl.toolkit.sampling;

import org.jspecify.annotations.NullMarked;
