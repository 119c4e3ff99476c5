/** Parts of a run that make one advantage of several rewards, each from a paper that its class names. */
@NullMarked
package org.imagerl.toolkit.recipe.combination;

import org.jspecify.annotations.NullMarked;
