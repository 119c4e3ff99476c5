/**
 * Adapters (LoRA) in files: one neutral form, {@link org.imagerl.spi.lora.LoraWeights}, and the contract of the layouts that are read
 * into it and written from it, {@link org.imagerl.spi.lora.LoraLayout}. No tensor engine is needed.
 *
 * <p>Terms: a <em>component</em> is a model of a checkpoint folder ({@code unet}, {@code transformer}, {@code text_encoder},
 * {@code text_encoder_2}, {@code text_encoder_3}); a <em>path</em> is a component and the name of a layer in it, with dots
 * ({@code unet.mid_block.attentions.0.proj_in}). A layer of weight W is used as {@code W + alpha / rank * up down}.
 */
@NullMarked
package org.imagerl.spi.lora;

import org.jspecify.annotations.NullMarked;
