/** Labelled pictures: what class each picture is of, and which of them are held out. */
@NullMarked
package org.imagerl.ctrl.data;

import org.jspecify.annotations.NullMarked;
