package org.imagerl.scoring.serve;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a dict of lists of floats, and of such dicts, as a pickle of protocol 2, which every Python reads that can run a trainer. */
final class PickleWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private PickleWriter() {}

    /** The dict as bytes. */
    static byte[] write(Map<String, ?> dict) {
        PickleWriter writer = new PickleWriter();
        writer.codes(0x80, 2);
        writer.value(dict);
        writer.codes('.');
        return writer.out.toByteArray();
    }

    private void value(@Nullable Object value) {
        if (value instanceof Map<?, ?> dict) {
            codes('}', '(');
            dict.forEach((key, inner) -> {
                text(String.valueOf(key));
                value(inner);
            });
            codes('u');
        } else if (value instanceof List<?> list) {
            codes(']', '(');
            list.forEach(this::value);
            codes('e');
        } else if (value instanceof Double number) {
            codes('G');
            out.writeBytes(ByteBuffer.allocate(8).putDouble(number).array());
        } else {
            throw new IllegalArgumentException("neither dict, list nor float: " + value);
        }
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
