package org.imagerl.training.tracker;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.imagerl.spi.io.Folders;
import org.imagerl.spi.io.IoProblems;

/**
 * An event file of TensorBoard that is being written: messages {@code Event} in the frames of TFRecord, which are the
 * length (8 bytes, little-endian), its checksum, the message, its checksum. A reader of the file finds, while a run
 * trains, whole events; a frame that a dying process left unfinished is passed over.
 *
 * <p>Source: TensorFlow, {@code tensorflow/core/lib/io/record_writer.h} and {@code core/util/event.proto}.
 */
final class EventFile implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("events\\.out\\.tfevents\\.([0-9]{1,18})\\..*");

    private final Path file;
    private final Clock clock;
    private final OutputStream out;

    private EventFile(Path file, Clock clock) throws IOException {
        this.file = file;
        this.clock = clock;
        this.out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /** Whether a folder has event files. */
    static boolean isIn(Path folder) {
        return newest(folder) >= 0;
    }

    /**
     * Begins a new file, which TensorBoard reads after all others of the folder: it goes by the seconds in their names.
     *
     * @param step the first one that is to come: of what was written before, this step and all later ones are taken back
     */
    static EventFile begin(Path folder, long step, Clock clock) {
        long seconds = Math.max(clock.instant().getEpochSecond(), newest(folder) + 1);
        Path file = folder.resolve(String.format(Locale.ROOT, "events.out.tfevents.%010d.imagerl", seconds));
        try {
            Files.createDirectories(folder);
            EventFile events = new EventFile(file, clock);
            events.write(events.event(0).text(3, "brain.Event:2"));
            events.write(events.event(step).message(7, new ProtoMessage().integer(1, 1))); // SessionLog START
            return events;
        } catch (IOException e) {
            throw IoProblems.writing(file, e);
        }
    }

    /** The largest number of seconds in the name of an event file; -1 if there is none. */
    private static long newest(Path folder) {
        return Folders.list(folder).stream()
                .map(path -> NAME.matcher(String.valueOf(path.getFileName())))
                .filter(Matcher::matches)
                .mapToLong(name -> Long.parseLong(name.group(1)))
                .max()
                .orElse(-1);
    }

    /** Adds a summary of a step; it is in the file when this returns. */
    void add(long step, ProtoMessage summary) {
        write(event(step).message(5, summary));
    }

    private ProtoMessage event(long step) {
        return new ProtoMessage().real(1, clock.millis() / 1000.0).integer(2, step);
    }

    private void write(ProtoMessage event) {
        try {
            out.write(frame(event.bytes()));
        } catch (IOException e) {
            throw IoProblems.writing(file, e);
        }
    }

    private static byte[] frame(byte[] message) {
        ByteBuffer frame = ByteBuffer.allocate(message.length + 16).order(ByteOrder.LITTLE_ENDIAN);
        frame.putLong(message.length);
        frame.putInt(maskedChecksum(frame.array(), 8));
        frame.put(message);
        frame.putInt(maskedChecksum(message, message.length));
        return frame.array();
    }

    /** CRC-32C, rotated by 15 bits, plus a constant: a checksum of data that contain checksums would be weak without that. */
    private static int maskedChecksum(byte[] bytes, int length) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, 0, length);
        return Integer.rotateRight((int) checksum.getValue(), 15) + 0xa282ead8;
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw IoProblems.writing(file, e);
        }
    }
}
