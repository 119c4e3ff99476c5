package org.imagerl.spi;

import org.jspecify.annotations.Nullable;

/**
 * What became of one sample: an image, or the reason why there is none.
 *
 * @param image null if the sample has values that are no numbers, or was not decoded because nobody asked for the image
 * @param reason why there can be no image; else empty
 */
public record ImageOrReason(@Nullable RgbImage image, String reason) {}
