/**
 * An algorithm as a recipe of interchangeable parts, and the parts that belong to no family: every policy-gradient method for these
 * models is the same estimator with a likelihood, a ratio, a trust region, a timestep weight, a penalty and an advantage exchanged.
 */
@NullMarked
package org.imagerl.toolkit.recipe;

import org.jspecify.annotations.NullMarked;
