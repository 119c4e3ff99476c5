/** Recipe parts that join the gradient of penalties with that of the policy's loss. */
@NullMarked
package org.imagerl.toolkit.recipe.gradient;

import org.jspecify.annotations.NullMarked;
