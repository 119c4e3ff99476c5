package org.imagerl.scoring;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Consumer;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.IoProblems;

/**
 * Results on the disk: lines are appended and handed to the operating system batch by batch, so that a run that is killed can go on where
 * it was.
 */
final class ScoreFile implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;
    private final Writer out;
    private final ScoreWriter writer;

    private ScoreFile(Path file, List<String> rewards, boolean fresh) throws IOException {
        this.file = file;
        channel = fresh
                ? FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)
                : FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
        out = Channels.newWriter(channel, StandardCharsets.UTF_8);
        writer = ScoreWriter.of(file.toString(), rewards, out, fresh);
    }

    /**
     * Begins a file.
     *
     * @throws UserException if it exists, cannot be written, or has an ending that is not known
     */
    static ScoreFile create(Path file, List<String> rewards) {
        ScoreWriter.check(file.toString(), rewards);
        try {
            return new ScoreFile(file, rewards, true);
        } catch (FileAlreadyExistsException e) {
            throw UserException.input(
                    file + ": exists already and is not overwritten; go on with it by --resume, or name another file",
                    e);
        } catch (IOException e) {
            throw IoProblems.writing(file, e);
        }
    }

    /**
     * Goes on with a file. A line that was not written to its end is cut off.
     *
     * @param rows takes the rows that are there
     */
    static ScoreFile resume(Path file, List<String> rewards, Consumer<ScoreRow> rows) {
        ScoreWriter.check(file.toString(), rewards);
        BoundedFile.requireRegular(file);
        try {
            long whole = wholeLines(file);
            try (FileChannel cut = FileChannel.open(file, StandardOpenOption.WRITE)) {
                cut.truncate(whole);
            }
            if (whole == 0) {
                Files.delete(file);
                return new ScoreFile(file, rewards, true);
            }
        } catch (IOException e) {
            throw IoProblems.writing(file, e);
        }
        ScoreReader.read(file, row -> {
            if (!List.copyOf(row.values().keySet()).equals(rewards)) {
                throw UserException.input(
                        file + ": has the rewards " + row.values().keySet() + ", not " + rewards
                                + "; resume with the rewards that it was begun with");
            }
            rows.accept(row);
        });
        try {
            return new ScoreFile(file, rewards, false);
        } catch (IOException e) {
            throw IoProblems.writing(file, e);
        }
    }

    /** The length of the file up to its last line break that is not inside quotes. */
    private static long wholeLines(Path file) throws IOException {
        boolean table = !ScoreWriter.isJsonLines(file.toString());
        long length = 0;
        long whole = 0;
        boolean quoted = false;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            for (int c = in.read(); c >= 0; c = in.read()) {
                length++;
                quoted ^= table && c == '"';
                if (c == '\n' && !quoted) {
                    whole = length;
                }
            }
        }
        return whole;
    }

    /**
     * Appends rows.
     *
     * @throws UserException also if the file is no longer where it was begun: what is written then is found by nobody
     */
    void write(List<ScoreRow> rows) {
        if (Files.notExists(file)) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    file + ": is no longer there, its folder was moved or deleted while it was written; put it back and"
                            + " go on by --resume");
        }
        try {
            for (ScoreRow row : rows) {
                writer.write(row);
            }
            out.flush();
        } catch (IOException e) {
            throw IoProblems.writing(file, e);
        }
    }

    @Override
    public void close() {
        try (FileChannel closed = channel) {
            out.flush();
            closed.force(true);
        } catch (IOException e) {
            throw IoProblems.writing(file, e);
        }
    }
}
