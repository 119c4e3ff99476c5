/** The third text encoder of SD3 and the second of FLUX, transformers' {@code T5EncoderModel}, with its tokenizer. */
@NullMarked
package org.imagerl.flow.t5;

import org.jspecify.annotations.NullMarked;
