/** Ways to step through a flow: the ODE, and SDEs with the same marginals, each a chain of Gaussian transitions. */
@NullMarked
package org.imagerl.flow.dynamics;

import org.jspecify.annotations.NullMarked;
