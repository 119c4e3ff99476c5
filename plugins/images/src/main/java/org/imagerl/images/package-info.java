/**
 * Images as files and as RGB bytes: decoding ({@link org.imagerl.images.ImageDecoder}; a class for each format looks a
 * file through before ImageIO decodes it), writing ({@link org.imagerl.images.PngWriter}, text chunks included), the
 * resize that published scorers use ({@link org.imagerl.images.PilResize}), JPEG size, and sheets of captioned images
 * for people.
 *
 * <p>No tensors here. Images are {@link org.imagerl.spi.RgbImage}: 8-bit RGB, row by row.
 */
@NullMarked
package org.imagerl.images;

import org.jspecify.annotations.NullMarked;
