/** What a JPEG file holds of an image, as far as it has a gradient. */
@NullMarked
package org.imagerl.toolkit.jpeg;

import org.jspecify.annotations.NullMarked;
