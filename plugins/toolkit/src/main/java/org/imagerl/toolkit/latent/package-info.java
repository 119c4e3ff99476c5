/** Rewards of latents: a small network that is trained on the scores of another reward. */
@NullMarked
package org.imagerl.toolkit.latent;

import org.jspecify.annotations.NullMarked;
