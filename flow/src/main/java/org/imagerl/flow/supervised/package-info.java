/** Objectives without rewards: the loss of pretraining on images, and distillation of a teacher. */
@NullMarked
package org.imagerl.flow.supervised;

import org.jspecify.annotations.NullMarked;
