/** Recipe parts that stop updates, each from a paper that its class names. */
@NullMarked
package org.imagerl.toolkit.recipe.trust;

import org.jspecify.annotations.NullMarked;
