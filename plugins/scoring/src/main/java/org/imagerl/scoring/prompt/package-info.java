/** Files of prompts. */
@NullMarked
package org.imagerl.scoring.prompt;

import org.jspecify.annotations.NullMarked;
