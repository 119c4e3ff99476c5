package org.imagerl.scoring.serve;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Writes a dict of lists of floats as a pickle of protocol 2, which every Python reads that can run a trainer. */
final class PickleWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private PickleWriter() {}

    /** The dict as bytes. */
    static byte[] write(Map<String, List<Double>> dict) {
        PickleWriter writer = new PickleWriter();
        writer.codes(0x80, 2, '}', '(');
        dict.forEach((key, values) -> {
            writer.text(key);
            writer.list(values);
        });
        writer.codes('u', '.');
        return writer.out.toByteArray();
    }

    private void list(List<Double> values) {
        codes(']', '(');
        for (double value : values) {
            codes('G');
            out.writeBytes(ByteBuffer.allocate(8).putDouble(value).array());
        }
        codes('e');
    }

    private void text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        codes('X');
        out.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(bytes.length)
                .array());
        out.writeBytes(bytes);
    }

    private void codes(int... codes) {
        for (int code : codes) {
            out.write(code);
        }
    }
}
