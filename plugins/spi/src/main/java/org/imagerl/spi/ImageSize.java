package org.imagerl.spi;

import org.jspecify.annotations.Nullable;

/**
 * The size of an image.
 *
 * @param width pixels, at least 1
 * @param height pixels, at least 1
 */
public record ImageSize(int width, int height) {

    /** Checks the range. */
    public ImageSize {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException("an image of " + width + " x " + height + " pixels has none");
        }
    }

    /** With another width or height where one is given. */
    public ImageSize or(@Nullable Integer otherWidth, @Nullable Integer otherHeight) {
        return new ImageSize(otherWidth == null ? width : otherWidth, otherHeight == null ? height : otherHeight);
    }

    /** {@code 512 x 768}. */
    @Override
    public String toString() {
        return width + " x " + height;
    }
}
