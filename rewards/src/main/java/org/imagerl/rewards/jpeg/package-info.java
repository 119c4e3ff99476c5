/** The size of a picture as JPEG as a reward. */
@NullMarked
package org.imagerl.rewards.jpeg;

import org.jspecify.annotations.NullMarked;
