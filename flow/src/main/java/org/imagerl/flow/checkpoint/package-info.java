/** The {@code config.json} files of flow-matching models: what they say, with diffusers' and transformers' defaults, and what has no code. */
@NullMarked
package org.imagerl.flow.checkpoint;

import org.jspecify.annotations.NullMarked;
