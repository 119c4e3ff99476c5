/** A small classifier of images: its network, its training, its calibration, and the reward that it gives. */
@NullMarked
package org.imagerl.ctrl.classifier;

import org.jspecify.annotations.NullMarked;
