/** CTRL as algorithms: back-propagation through the sampler, and the same objective as a score-function estimator. */
@NullMarked
package org.imagerl.ctrl.objective;

import org.jspecify.annotations.NullMarked;
