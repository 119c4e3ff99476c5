package org.imagerl.training.loop;

import java.nio.file.Path;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.PilResize;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.RgbImage;
import org.imagerl.toolkit.sampling.ImageStart;
import org.jspecify.annotations.Nullable;

/** Reads what samples begin with. Images and masks are resized as diffusers does, by Pillow's Lanczos filter. */
public final class ImageStartFiles {
    private ImageStartFiles() {}

    /**
     * Reads an image and its mask.
     *
     * @param mask white where it is painted anew; null for none
     * @param strength share of the steps that are made, above 0 and at most 1
     * @param size of the samples
     * @throws org.imagerl.spi.UserException naming the file that is no image
     */
    public static ImageStart read(Path image, @Nullable Path mask, double strength, ImageSize size) {
        return new ImageStart(resized(image, size), mask == null ? null : grey(resized(mask, size)), strength);
    }

    /** An image of the size of the samples. */
    static RgbImage resized(Path file, ImageSize size) {
        return PilResize.lanczos(ImageDecoder.decode(file), size.width(), size.height());
    }

    /** As Pillow's {@code convert("L")}. */
    private static RgbImage grey(RgbImage image) {
        byte[] rgb = image.rgb().clone();
        for (int i = 0; i < rgb.length; i += 3) {
            int sum = 19595 * (rgb[i] & 0xff) + 38470 * (rgb[i + 1] & 0xff) + 7471 * (rgb[i + 2] & 0xff);
            byte value = (byte) ((sum + 0x8000) >> 16);
            rgb[i] = value;
            rgb[i + 1] = value;
            rgb[i + 2] = value;
        }
        return new RgbImage(image.width(), image.height(), rgb);
    }
}
