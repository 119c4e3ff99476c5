package org.imagerl.spi.data;

import org.imagerl.spi.RgbImage;

/**
 * An image to train on, and what was done to it.
 *
 * @param image of the size of the framing
 */
public record FramedImage(RgbImage image, Framing framing) {}
