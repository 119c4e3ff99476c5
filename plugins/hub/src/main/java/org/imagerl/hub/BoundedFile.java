package org.imagerl.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.imagerl.spi.UserException;

/** Reads small files of strangers: never more than a stated number of bytes, whatever the file system says of its size. */
public final class BoundedFile {
    private BoundedFile() {}

    /**
     * The bytes of a regular file.
     *
     * @param file the file
     * @param maxBytes the most bytes it may have
     * @return all its bytes
     * @throws UserException when it is absent, no regular file, too large or unreadable
     */
    public static byte[] read(Path file, int maxBytes) {
        if (!Files.isRegularFile(file)) {
            throw UserException.input(file + ": no such file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(maxBytes);
            if (in.read() >= 0) {
                throw UserException.input(file + ": larger than " + maxBytes + " bytes, the most that is read here");
            }
            return bytes;
        } catch (IOException e) {
            throw UserException.input(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
