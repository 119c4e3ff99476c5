/** Recipe parts that choose the rollouts to train on, each from a paper that its class names. */
@NullMarked
package org.imagerl.toolkit.recipe.selection;

import org.jspecify.annotations.NullMarked;
