package org.imagerl.images;

import org.imagerl.spi.RgbImage;

/**
 * An image that was read, and what of its file was left out.
 *
 * @param image the pixels
 * @param unusedOrientation the EXIF orientation, 2 to 8, that was not applied; 1 if there is none or it was
 * @param moreFrames whether the file has further frames or pages, which were not read
 */
public record DecodedImage(RgbImage image, int unusedOrientation, boolean moreFrames) {}
