package org.imagerl.latent.pretrain.words;

import org.imagerl.spi.RgbImage;

/**
 * One example of a {@link WordSet}.
 *
 * @param word the characters that stand in the image
 * @param caption the prompt that asks for them
 * @param image the image
 */
public record WordImage(String word, String caption, RgbImage image) {}
