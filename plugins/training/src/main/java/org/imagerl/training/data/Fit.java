package org.imagerl.training.data;

import org.imagerl.images.PilResize;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.spi.data.FramedImage;
import org.imagerl.spi.data.Framing;

/** How an image is brought to the size that is trained, if it has another. */
enum Fit {
    /** It is an error. */
    REFUSE {
        @Override
        FramedImage to(ImageSize size, RgbImage image, String file) {
            require(size, image.width(), image.height(), file);
            return new FramedImage(image, Framing.whole(size));
        }
    },
    /** It is resized until it covers the size, and its middle is cut out. */
    CROP {
        @Override
        FramedImage to(ImageSize size, RgbImage image, String file) {
            double scale = Math.max((double) size.width() / image.width(), (double) size.height() / image.height());
            int width = Math.max(size.width(), (int) Math.round(scale * image.width()));
            int height = Math.max(size.height(), (int) Math.round(scale * image.height()));
            RgbImage covering = PilResize.lanczos(image, width, height);
            int left = (width - size.width()) / 2;
            int top = (height - size.height()) / 2;
            return new FramedImage(cut(covering, left, top, size), new Framing(sizeOf(image), top, left, size));
        }
    },
    /** It is resized to the size, whatever its shape was. */
    STRETCH {
        @Override
        FramedImage to(ImageSize size, RgbImage image, String file) {
            return new FramedImage(
                    PilResize.lanczos(image, size.width(), size.height()), new Framing(sizeOf(image), 0, 0, size));
        }
    };

    /**
     * An image of the size, resized as Pillow does with LANCZOS.
     *
     * @param file that it was read from, for messages
     * @throws UserException if it is refused
     */
    abstract FramedImage to(ImageSize size, RgbImage image, String file);

    /** @throws UserException if an image has not the size */
    static void require(ImageSize size, int width, int height, String file) {
        if (width != size.width() || height != size.height()) {
            throw UserException.input(file + ": has " + new ImageSize(width, height) + " pixels, and images of " + size
                    + " are trained; let the middle be cut out (data.size: crop), let it be resized whatever its shape"
                    + " (stretch), or train another size (rollout.width, height)");
        }
    }

    private static ImageSize sizeOf(RgbImage image) {
        return new ImageSize(image.width(), image.height());
    }

    private static RgbImage cut(RgbImage image, int left, int top, ImageSize size) {
        if (image.width() == size.width() && image.height() == size.height()) {
            return image;
        }
        byte[] from = image.rgb();
        byte[] rgb = new byte[3 * size.width() * size.height()];
        for (int y = 0; y < size.height(); y++) {
            int row = 3 * ((top + y) * image.width() + left);
            System.arraycopy(from, row, rgb, 3 * y * size.width(), 3 * size.width());
        }
        return new RgbImage(size.width(), size.height(), rgb);
    }
}
