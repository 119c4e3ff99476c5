package org.imagerl.spi;

import org.jspecify.annotations.Nullable;

/**
 * What became of one sample: an image, or the reason why there is none.
 *
 * @param image null if the sample has values that are no numbers
 * @param reason why there is no image; empty if there is one
 */
public record ImageOrReason(@Nullable RgbImage image, String reason) {}
