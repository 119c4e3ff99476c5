/** Multistep solvers of the ODE: samplers whose steps use what earlier steps computed. */
@NullMarked
package org.imagerl.diffusion.solver;

import org.jspecify.annotations.NullMarked;
