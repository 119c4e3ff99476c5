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
import org.imagerl.spi.io.Claim;
import org.imagerl.spi.io.IoProblems;

/**
 * Results on the disk: lines are appended and handed to the operating system batch by batch, so that a run that is killed can go on where
 * it was.
 */
final class ScoreFile implements AutoCloseable {
    private final Path file;
    private final Claim claim;
    private final FileChannel channel;
    private final Writer out;
    private final ScoreWriter writer;

    private ScoreFile(Path file, Claim claim, List<String> rewards, boolean fresh) throws IOException {
        this.file = file;
        this.claim = claim;
        channel = fresh
                ? FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)
                : FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
        out = Channels.newWriter(channel, StandardCharsets.UTF_8);
        writer = ScoreWriter.of(file.toString(), rewards, out, fresh);
    }

    /** Opens a file that no other process may be writing. */
    private static ScoreFile claimed(Path file, Opening opening) {
        Claim claim = Claim.of(
                file,
                file + ": another process is writing these results at this moment; wait for it, or name another file");
        try {
            return opening.open(claim);
        } catch (FileAlreadyExistsException e) {
            claim.close();
            throw UserException.input(
                    file + ": exists already and is not overwritten; go on with it by --resume, or name another file",
                    e);
        } catch (IOException e) {
            claim.close();
            throw IoProblems.writing(file, e);
        } catch (RuntimeException e) {
            claim.close();
            throw e;
        }
    }

    private interface Opening {
        ScoreFile open(Claim claim) throws IOException;
    }

    /**
     * Begins a file.
     *
     * @throws UserException if it exists, cannot be written, or has an ending that is not known
     */
    static ScoreFile create(Path file, List<String> rewards) {
        ScoreWriter.check(file.toString(), rewards);
        return claimed(file, claim -> new ScoreFile(file, claim, rewards, true));
    }

    /**
     * Goes on with a file. A line that was not written to its end is cut off.
     *
     * @param rows takes the rows that are there
     */
    static ScoreFile resume(Path file, List<String> rewards, Consumer<ScoreRow> rows) {
        ScoreWriter.check(file.toString(), rewards);
        BoundedFile.requireRegular(file);
        return claimed(file, claim -> {
            long whole = wholeLines(file);
            try (FileChannel cut = FileChannel.open(file, StandardOpenOption.WRITE)) {
                cut.truncate(whole);
            }
            if (whole == 0) {
                Files.delete(file);
                return new ScoreFile(file, claim, rewards, true);
            }
            ScoreReader.read(file, row -> {
                if (!List.copyOf(row.values().keySet()).equals(rewards)) {
                    throw UserException.input(
                            file + ": has the rewards " + row.values().keySet() + ", not " + rewards
                                    + "; resume with the rewards that it was begun with");
                }
                rows.accept(row);
            });
            return new ScoreFile(file, claim, rewards, false);
        });
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
        } finally {
            claim.close();
        }
    }
}
