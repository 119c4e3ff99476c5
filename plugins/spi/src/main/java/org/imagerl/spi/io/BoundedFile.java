package org.imagerl.spi.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.imagerl.spi.UserException;

/**
 * Reads files that a user or a stranger names: regular files only, and never more than a stated number of bytes,
 * whatever the file system says of their size. A device has no end, and reading a pipe that nobody writes to never
 * ends. Links are followed.
 */
public final class BoundedFile {
    private BoundedFile() {}

    /**
     * The bytes of a regular file.
     *
     * @param maxBytes the most bytes it may have
     * @throws UserException if it is absent, no regular file, too large or cannot be read
     */
    public static byte[] read(Path file, int maxBytes) {
        if (requireRegular(file) > maxBytes) {
            throw tooLarge(file, maxBytes);
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(maxBytes);
            if (in.read() >= 0) {
                throw tooLarge(file, maxBytes);
            }
            return bytes;
        } catch (IOException e) {
            throw IoProblems.reading(file, e);
        }
    }

    /**
     * The text of a regular file; see {@link UserText} for what is text.
     *
     * @param maxBytes the most bytes it may have
     * @throws UserException as {@link #read}, and if it is no text
     */
    public static String text(Path file, int maxBytes) {
        return UserText.decode(read(file, maxBytes), file.toString());
    }

    /**
     * Opens a regular file of any size, for those who read it piece by piece.
     *
     * @throws UserException if it is absent, no regular file or cannot be read
     */
    public static InputStream open(Path file) {
        requireRegular(file);
        try {
            return Files.newInputStream(file);
        } catch (IOException e) {
            throw IoProblems.reading(file, e);
        }
    }

    /**
     * Makes sure that a file may be opened: nothing that is opened before this may be a pipe, on which the process waits.
     *
     * @return its size in bytes, as the file system says
     * @throws UserException if it is absent or no regular file, and says what it is instead
     */
    public static long requireRegular(Path file) {
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            if (found.isRegularFile()) {
                return found.size();
            }
            throw UserException.input(
                    file
                            + (found.isDirectory()
                                    ? ": is a folder, not a file"
                                    : ": is a device, pipe or socket; only regular files are read: save the content to a file"));
        } catch (NoSuchFileException e) {
            throw UserException.input(
                    file + (Files.isSymbolicLink(file) ? ": is a link to a file that is not there" : ": no such file"),
                    e);
        } catch (IOException e) {
            throw IoProblems.reading(file, e);
        }
    }

    private static UserException tooLarge(Path file, int maxBytes) {
        return UserException.input(
                file + ": larger than " + maxBytes + " bytes, the most that is read here; is it the right file?");
    }
}
