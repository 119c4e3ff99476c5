package org.imagerl.ui;

import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.PilResize;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.io.BoundedFile;

/**
 * An image in a format that browsers show.
 *
 * @param type its media type
 */
record ShownImage(String type, byte[] bytes) {
    private static final int MAX_BYTES = 1 << 26;
    /** What is smaller goes into a report as it is. */
    private static final int SMALL_BYTES = 1 << 16;
    /** The longer side of an image in a report, in pixels. */
    private static final int REPORT_SIDE = 320;

    private static final String PNG = "image/png";

    /**
     * Reads a file that begins as PNG, JPEG or WebP does; nothing else is sent as an image.
     *
     * @throws org.imagerl.spi.UserException if it is no image, or cannot be read
     */
    static ShownImage read(Path file) {
        byte[] bytes = BoundedFile.read(file, MAX_BYTES);
        String type = type(bytes);
        return type.isEmpty() ? png(ImageDecoder.decode(bytes, file.toString())) : new ShownImage(type, bytes);
    }

    private static ShownImage png(RgbImage image) {
        return new ShownImage(PNG, PngWriter.encode(image, Map.of()));
    }

    private static String type(byte[] bytes) {
        if (begins(bytes, 0, 0x89, 'P', 'N', 'G')) {
            return PNG;
        }
        if (begins(bytes, 0, 0xff, 0xd8, 0xff)) {
            return "image/jpeg";
        }
        return begins(bytes, 0, 'R', 'I', 'F', 'F') && begins(bytes, 8, 'W', 'E', 'B', 'P') ? "image/webp" : "";
    }

    private static boolean begins(byte[] bytes, int at, int... with) {
        for (int i = 0; i < with.length; i++) {
            if (bytes.length <= at + i || (bytes[at + i] & 0xff) != with[i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * As text for a report, made smaller where it is large.
     *
     * @throws org.imagerl.spi.UserException if it is no image
     */
    static String forReport(Path file) {
        ShownImage image = read(file);
        if (image.bytes.length > SMALL_BYTES) {
            RgbImage pixels = ImageDecoder.decode(image.bytes, file.toString());
            double scale = Math.min(1, (double) REPORT_SIDE / Math.max(pixels.width(), pixels.height()));
            image = png(PilResize.lanczos(pixels, side(pixels.width() * scale), side(pixels.height() * scale)));
        }
        return "data:" + image.type + ";base64," + Base64.getEncoder().encodeToString(image.bytes);
    }

    private static int side(double pixels) {
        return Math.max(1, (int) Math.round(pixels));
    }
}
