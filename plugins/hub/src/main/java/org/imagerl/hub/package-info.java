/**
 * Folders as Hugging Face lays them out, for checkpoints and reward models alike: bounded files of strangers and strict JSON
 * configurations here, tokenizers in {@code tokenizer}. No tensors: reward models must not see any.
 */
@NullMarked
package org.imagerl.hub;

import org.jspecify.annotations.NullMarked;
