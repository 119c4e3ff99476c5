/** The size of an image as a JPEG file, as a reward. */
@NullMarked
package org.imagerl.rewards.jpeg;

import org.jspecify.annotations.NullMarked;
