/** Labelled images: the class of each image, and which images are held out. */
@NullMarked
package org.imagerl.ctrl.data;

import org.jspecify.annotations.NullMarked;
