package org.imagerl.images.lists;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;

/** Captions beside images: {@code NAME.txt}, else {@code NAME.caption}, for {@code NAME.png}. */
public final class Captions {
    /** Far more than any text encoder takes. */
    private static final int MAX_BYTES = 1 << 16;

    private static final List<String> ENDINGS = List.of(".txt", ".caption");

    private Captions() {}

    /**
     * The caption beside an image: the whole text of its file, of several lines too (their breaks as {@code \n}), without white space
     * around it.
     *
     * @return empty if there is no such file; the text is empty if the file is
     * @throws UserException if there is a file and it cannot be read, is longer than 64 KiB, or is no text
     */
    public static Optional<String> beside(Path image) {
        for (Path file : places(image)) {
            boolean there = Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(file);
            if (there && !file.equals(image)) {
                return Optional.of(String.join(
                        "\n", BoundedFile.text(file, MAX_BYTES).strip().lines().toList()));
            }
        }
        return Optional.empty();
    }

    /** Where the caption of an image may be: the first file that is there counts. */
    public static List<Path> places(Path image) {
        return ENDINGS.stream()
                .map(ending -> image.resolveSibling(stem(image) + ending))
                .toList();
    }

    /** How the file of a caption is called, for messages. */
    public static String expected(Path image) {
        return stem(image) + ENDINGS.get(0);
    }

    private static String stem(Path image) {
        return String.valueOf(image.getFileName()).replaceFirst("\\.[^.]*$", "");
    }
}
