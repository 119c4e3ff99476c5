/** The gradient of a score of images, and of a divergence, along the sampler's path. */
@NullMarked
package org.imagerl.toolkit.path;

import org.jspecify.annotations.NullMarked;
