package org.imagerl.images;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Count;

/**
 * What is done with the orientation that the EXIF data of a photograph may ask for. Orientations are numbered 1 to 8 as in EXIF 2.3,
 * section 4.6.4: 1 is as it stands, 3 turned by a half, 6 and 8 by a quarter, even numbers up to 4 and odd ones from 5 are mirrored.
 */
public enum ExifOrientation {
    /** Nothing, as Pillow's {@code Image.open}: scorers that are used with it see images so. */
    IGNORE,
    /** The image is turned and mirrored, as Pillow's {@code ImageOps.exif_transpose}. */
    APPLY;

    /** As it is typed. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** How many of some files ask to be turned, and whether they are, in a line; empty if none does. */
    public String notice(List<Path> files) {
        long asking = files.stream().filter(ExifOrientation::asksToBeTurned).count();
        return asking == 0
                ? ""
                : asking + " of " + Count.of(files.size(), "image") + " with an EXIF orientation: "
                        + (this == APPLY
                                ? "turned by it"
                                : "used as stored (exif_orientation: apply turns such images)");
    }

    private static boolean asksToBeTurned(Path file) {
        try {
            return ImageDecoder.orientation(file) != 1;
        } catch (UserException e) {
            return false; // decoding says what is wrong
        }
    }

    /** Turns an image by its orientation, 1 to 8. */
    static RgbImage turned(RgbImage image, int orientation) {
        if (orientation == 1) {
            return image;
        }
        boolean swapped = orientation > 4;
        int width = swapped ? image.height() : image.width();
        int height = swapped ? image.width() : image.height();
        boolean fromRight = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
        boolean fromBottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
        byte[] rgb = new byte[image.rgb().length];
        for (int y = 0, to = 0; y < height; y++) {
            for (int x = 0; x < width; x++, to += 3) {
                int column = swapped ? y : x;
                int row = swapped ? x : y;
                int fromX = fromRight ? image.width() - 1 - column : column;
                int fromY = fromBottom ? image.height() - 1 - row : row;
                System.arraycopy(image.rgb(), (fromY * image.width() + fromX) * 3, rgb, to, 3);
            }
        }
        return new RgbImage(width, height, rgb);
    }
}
