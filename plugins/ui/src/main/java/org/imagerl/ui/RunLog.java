package org.imagerl.ui;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.IoProblems;

/** The end of {@code log.txt}, whose lines begin with their time. */
final class RunLog {
    private static final int MAX_BYTES = 1 << 16;
    private static final int MAX_LINES = 400;

    private RunLog() {}

    /**
     * The last lines.
     *
     * @throws org.imagerl.spi.UserException if it cannot be read
     */
    static List<String> tail(Path file) {
        long size = BoundedFile.requireRegular(file);
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(size, MAX_BYTES));
        try (FileChannel channel = FileChannel.open(file)) {
            channel.position(size - bytes.capacity());
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
        } catch (IOException e) {
            throw IoProblems.reading(file, e);
        }
        List<String> lines = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        boolean cut = size > MAX_BYTES;
        return lines.subList(Math.max(cut ? 1 : 0, lines.size() - MAX_LINES), lines.size());
    }

    /** The time of the last line that has one, in seconds since 1970; NaN if none has. */
    static double lastSign(List<String> lines) {
        for (int i = lines.size() - 1; i >= 0; i--) {
            try {
                return Instant.parse(lines.get(i).split(" ", 2)[0]).getEpochSecond();
            } catch (DateTimeParseException e) {
                // the second line of a message
            }
        }
        return Double.NaN;
    }
}
