package org.imagerl.training.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** Reads event files by TensorBoard's rules: files in the order of their names, and a later START takes back the steps from its own on. */
final class EventReader {

    /** One value of a tag; the number is NaN where it is something else. */
    record Event(long step, String tag, float number) {}

    private final List<Event> events = new ArrayList<>();
    private boolean started;

    private EventReader() {}

    static List<Event> read(Path folder) throws IOException {
        EventReader reader = new EventReader();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                reader.file(ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN));
            }
        }
        return reader.events;
    }

    private void file(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            ByteBuffer length = bytes.slice(bytes.position(), 8);
            byte[] message = new byte[(int) bytes.getLong()];
            assertThat(bytes.getInt()).as("checksum of the length").isEqualTo(checksum(length));
            bytes.get(message);
            assertThat(bytes.getInt()).as("checksum of the event").isEqualTo(checksum(ByteBuffer.wrap(message)));
            event(CodedInputStream.newInstance(message));
        }
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes);
        long crc = checksum.getValue();
        return (int) (((crc >>> 15) | (crc << 17)) + 0xa282ead8L);
    }

    private void event(CodedInputStream in) throws IOException {
        long step = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case 2 -> step = in.readInt64();
                case 5 -> summary(step, in.readBytes().newCodedInput());
                case 7 -> start(step, in);
                default -> in.skipField(tag);
            }
        }
    }

    private void start(long step, CodedInputStream in) throws IOException {
        assertThat(in.readByteArray()).as("status START").containsExactly(8, 1);
        if (started) {
            events.removeIf(event -> event.step() >= step);
        }
        started = true;
    }

    private void summary(long step, CodedInputStream in) throws IOException {
        while (in.readTag() != 0) {
            CodedInputStream value = in.readBytes().newCodedInput();
            String name = "";
            float number = Float.NaN;
            for (int tag = value.readTag(); tag != 0; tag = value.readTag()) {
                switch (WireFormat.getTagFieldNumber(tag)) {
                    case 1 -> name = new String(value.readByteArray(), StandardCharsets.UTF_8);
                    case 2 -> number = value.readFloat();
                    default -> value.skipField(tag);
                }
            }
            events.add(new Event(step, name, number));
        }
    }
}
