/** The baselines of CTRL: guidance by a classifier while sampling, and supervised fine-tuning on labelled images. */
@NullMarked
package org.imagerl.ctrl.baseline;

import org.jspecify.annotations.NullMarked;
