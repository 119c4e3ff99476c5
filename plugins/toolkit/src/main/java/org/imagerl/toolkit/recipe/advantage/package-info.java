/** Recipe parts that turn rewards into advantages, each from a paper that its class names. */
@NullMarked
package org.imagerl.toolkit.recipe.advantage;

import org.jspecify.annotations.NullMarked;
