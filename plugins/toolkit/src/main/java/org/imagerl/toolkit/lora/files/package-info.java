/**
 * LoRA files in the layouts that users have: diffusers, kohya and PEFT, and dotted names of other tools, each read into
 * and written from one neutral form, {@link org.imagerl.spi.lora.LoraWeights}, without a tensor engine. The layout of a
 * file is found out from its keys. Relatives of LoRA that need other arithmetic (LoHa, LoKr, DoRA, ...) are refused by
 * name.
 *
 * <p>Source: Hu et al., LoRA: Low-Rank Adaptation of Large Language Models, 2021, arXiv:2106.09685; the key names are those
 * of diffusers 0.36, PEFT 0.18 and kohya's sd-scripts.
 */
@NullMarked
package org.imagerl.toolkit.lora.files;

import org.jspecify.annotations.NullMarked;
