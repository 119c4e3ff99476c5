/**
 * The {@code config.json} files of flow-matching models: their values, with the defaults of diffusers and transformers, and which values
 * are refused because they have no code.
 */
@NullMarked
package org.imagerl.flow.checkpoint;

import org.jspecify.annotations.NullMarked;
