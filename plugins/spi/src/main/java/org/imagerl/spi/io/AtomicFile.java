package org.imagerl.spi.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.imagerl.spi.UserException;

/**
 * A file that is there whole or not at all: written beside its place under a hidden name, forced to the disk, and renamed
 * into place by {@link #commit}. Closing without commit deletes what was written. What a killed process left, the next that writes into the
 * folder deletes.
 */
public final class AtomicFile implements AutoCloseable {
    /** What writes the contents. */
    @FunctionalInterface
    public interface Body {
        /** Writes the whole file, from position 0. */
        void writeTo(FileChannel channel) throws IOException;
    }

    /** What writes the contents as a stream. */
    @FunctionalInterface
    public interface Content {
        /** Writes everything; {@code out} is buffered, and closed by the caller. */
        void writeTo(OutputStream out) throws IOException;
    }

    private static final int BUFFER_BYTES = 1 << 16;

    private final Path target;
    private final Path beside;
    private boolean committed;

    private AtomicFile(Path target, Path beside) {
        this.target = target;
        this.beside = beside;
    }

    /**
     * Writes a file and puts it in its place, over an older one. Missing folders are made.
     *
     * @throws UserException if it cannot be written; then nothing is left behind and an older file is as it was
     */
    public static void write(Path target, Body body) {
        try (AtomicFile file = stage(target, body)) {
            file.commit();
        }
    }

    /** Writes these bytes, as {@link #write(Path, Body)} does. */
    public static void write(Path target, byte[] bytes) {
        try (AtomicFile file = stageBytes(target, bytes)) {
            file.commit();
        }
    }

    /** Writes through a buffered stream, as {@link #write(Path, Body)} does. */
    public static void writeStream(Path target, Content content) {
        write(target, channel -> {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
            content.writeTo(out);
            out.flush();
        });
    }

    /** Writes a UTF-8 text, as {@link #write(Path, Body)} does. */
    public static void writeText(Path target, String text) {
        write(target, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes a UTF-8 text beside its place, as {@link #stage} does. */
    public static AtomicFile stageText(Path target, String text) {
        return stageBytes(target, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes these bytes beside their place, as {@link #stage} does. */
    public static AtomicFile stageBytes(Path target, byte[] bytes) {
        return stage(target, channel -> writeFully(channel, ByteBuffer.wrap(bytes)));
    }

    /**
     * Writes a file beside its place and forces it to the disk, for files that must appear together: stage them all, then
     * commit them all.
     *
     * @throws UserException as {@link #write(Path, Body)}
     */
    public static AtomicFile stage(Path target, Body body) {
        Path absolute = target.toAbsolutePath();
        AtomicFile file = new AtomicFile(target, Unfinished.beside(absolute));
        try {
            file.fill(body);
            return file;
        } catch (IOException problem) {
            UserException translated = IoProblems.writing(target, problem);
            file.closeAfter(translated);
            throw translated;
        } catch (RuntimeException | Error problem) {
            file.closeAfter(problem);
            throw problem;
        }
    }

    private void closeAfter(Throwable problem) {
        try {
            close();
        } catch (UserException second) {
            problem.addSuppressed(second);
        }
    }

    private void fill(Body body) throws IOException {
        Path folder = beside.getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            body.writeTo(channel);
            channel.force(true);
        }
    }

    /**
     * Puts the file in its place.
     *
     * @throws UserException if it cannot be renamed
     */
    public void commit() {
        try {
            move();
            committed = true;
            forceFolder(beside.resolveSibling("."));
        } catch (IOException problem) {
            throw IoProblems.writing(target, problem);
        }
    }

    private void move() throws IOException {
        try {
            Files.move(beside, target.toAbsolutePath(), StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException notHere) {
            // Some network file systems: a plain rename in the same folder is the best there is.
            Files.move(beside, target.toAbsolutePath(), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Forces a folder: a rename in it is on the disk only then. Windows cannot open folders and needs no such thing. */
    public static void forceFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException notSupported) {
            return;
        }
    }

    /** Deletes the file if it was not committed. */
    @Override
    public void close() {
        if (!committed) {
            try {
                Files.deleteIfExists(beside);
            } catch (IOException problem) {
                throw IoProblems.writing(beside, problem);
            }
        }
    }

    /** Writes all that remains of a buffer: one call of a channel may write less. */
    public static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
