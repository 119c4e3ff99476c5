package org.imagerl.spi;

/**
 * An image as it crosses the border between generators and rewards: 8-bit RGB, as the published scorers round first.
 *
 * @param width pixels, at least 1
 * @param height pixels, at least 1
 * @param rgb {@code height * width * 3} bytes, row by row, red green blue, unsigned; not copied: do not write into it
 */
public record RgbImage(int width, int height, byte[] rgb) {

    /** Checks that the number of bytes fits the size. */
    public RgbImage {
        if (width < 1 || height < 1 || rgb.length != (long) width * height * 3) {
            throw new IllegalArgumentException("a " + width + " x " + height + " RGB image needs "
                    + (long) width * height * 3 + " bytes, not " + rgb.length);
        }
    }

    /** Channel {@code c} (0 red, 1 green, 2 blue) of the pixel at column x, row y: 0..255. */
    public int at(int x, int y, int c) {
        return rgb[(y * width + x) * 3 + c] & 0xff;
    }
}
