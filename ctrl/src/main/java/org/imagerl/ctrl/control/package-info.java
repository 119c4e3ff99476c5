/** The augmented model: class embeddings on a checkpoint, trained with adapters, saved and loaded. */
@NullMarked
package org.imagerl.ctrl.control;

import org.jspecify.annotations.NullMarked;
