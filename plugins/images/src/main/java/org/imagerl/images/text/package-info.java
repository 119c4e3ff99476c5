/** The text that an image should show: what a prompt asks for, and how two texts are compared. */
@NullMarked
package org.imagerl.images.text;

import org.jspecify.annotations.NullMarked;
