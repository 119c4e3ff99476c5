/** CTRL: a new control for a pre-trained diffusion model, learned from labelled images by reinforcement learning. */
@NullMarked
package org.imagerl.ctrl;

import org.jspecify.annotations.NullMarked;
