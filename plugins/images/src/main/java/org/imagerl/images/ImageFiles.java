package org.imagerl.images;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Which files are images, by their names. */
public final class ImageFiles {
    private static final List<String> ENDINGS =
            List.of("png", "jpg", "jpeg", "jfif", "jpe", "bmp", "gif", "tif", "tiff", "webp");

    private ImageFiles() {}

    /** Whether a name ends as that of an image that {@link ImageDecoder} may read. */
    public static boolean named(Path file) {
        String name = name(file);
        return name.contains(".") && ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1));
    }

    /** The same, but for the sheet {@code grid.png} of all of them that {@code imagerl sample} writes beside images. */
    public static boolean single(Path file) {
        return named(file) && !name(file).equals("grid.png");
    }

    /** The endings, for messages. */
    public static String endings() {
        return String.join(", ", ENDINGS);
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    }
}
