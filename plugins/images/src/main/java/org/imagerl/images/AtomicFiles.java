package org.imagerl.images;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.UUID;
import org.imagerl.spi.UserException;
import org.imagerl.spi.UserException.Kind;

/**
 * Files that are there whole or not at all, also after a power cut: written beside, forced to disk, renamed over the target,
 * and the folder forced. Whatever fails, the old file stays as it was and the temporary one is removed.
 */
public final class AtomicFiles {
    private static final int BUFFER_BYTES = 1 << 16;

    private AtomicFiles() {}

    /** Produces the content of a file. */
    @FunctionalInterface
    public interface Content {
        /** Writes everything; {@code out} is buffered, and closed by the caller. */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes or replaces a file.
     *
     * @param target its folder must exist
     * @throws UserException {@link Kind#RESOURCES} if the disk is full, {@link Kind#ENVIRONMENT} for any other failure of the
     *     file system
     */
    public static void write(Path target, Content content) {
        // Not Files.createTempFile: that makes the file readable by its owner only, and the rename would keep it so.
        Path beside = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            writeAndForce(beside, content);
            Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            forceFolder(target.resolveSibling("."));
        } catch (IOException e) {
            throw failure(target, e);
        } finally {
            deleteQuietly(beside);
        }
    }

    /** Writes or replaces a file with these bytes; fails as {@link #write(Path, Content)}. */
    public static void write(Path target, byte[] bytes) {
        write(target, out -> out.write(bytes));
    }

    /** Writes or replaces a UTF-8 text file; fails as {@link #write(Path, Content)}. */
    public static void writeString(Path target, String text) {
        write(target, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void writeAndForce(Path file, Content content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
            content.writeTo(out);
            out.flush();
            channel.force(true);
        }
    }

    /** Makes renames in a folder durable. Windows cannot open a folder, and journals renames without being asked. */
    public static void forceFolder(Path folder) throws IOException {
        if (System.getProperty("os.name").startsWith("Windows")) {
            return;
        }
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // The failure that matters is already on its way; a left-over temporary file harms nobody.
        }
    }

    /** What to tell the user when a file or folder could not be written: {@link Kind#RESOURCES} if the disk is full. */
    public static UserException failure(Path target, IOException e) {
        if (isDiskFull(e)) {
            return new UserException(
                    Kind.RESOURCES, target + " was not written: the disk is full; free some space and try again", e);
        }
        return new UserException(Kind.ENVIRONMENT, target + " cannot be written: " + reason(e), e);
    }

    /** The JDK has no exception of its own for a full disk, only the words of the operating system. */
    private static boolean isDiskFull(IOException e) {
        String words = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        return words.contains("no space left")
                || words.contains("not enough space")
                || words.contains("quota exceeded");
    }

    private static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "its folder does not exist";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        return String.valueOf(e.getMessage());
    }
}
