/** A small classifier of pictures: its network, its training, how far its probabilities can be trusted, and the reward it gives. */
@NullMarked
package org.imagerl.ctrl.classifier;

import org.jspecify.annotations.NullMarked;
