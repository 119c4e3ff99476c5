/** Several rewards as one, and what they say of images. */
@NullMarked
package org.imagerl.scoring.reward;

import org.jspecify.annotations.NullMarked;
