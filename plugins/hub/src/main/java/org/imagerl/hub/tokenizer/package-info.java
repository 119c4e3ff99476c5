/**
 * Tokenizers of text encoders, above all CLIP's byte-pair tokenizer as checkpoint folders hold it. The encoding itself is Hugging Face's
 * tokenizers library; what is here finds out which tokenizer a folder means, as transformers' {@code CLIPTokenizer} would.
 */
@NullMarked
package org.imagerl.hub.tokenizer;

import org.jspecify.annotations.NullMarked;
