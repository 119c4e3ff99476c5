/** The gradient of reward and divergence along the sampler's path. */
@NullMarked
package org.imagerl.ctrl.path;

import org.jspecify.annotations.NullMarked;
