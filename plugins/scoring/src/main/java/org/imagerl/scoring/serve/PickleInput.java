package org.imagerl.scoring.serve;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.imagerl.spi.UserException;

/** The bytes of a pickle, read from front to back. No length is believed before the bytes are there. */
final class PickleInput {
    private final String name;
    private final byte[] bytes;
    private int at;
    private int frameEnd;

    PickleInput(String name, byte[] bytes) {
        this.name = name;
        this.bytes = bytes;
    }

    /** Bytes that are not read yet. */
    int left() {
        return bytes.length - at;
    }

    /** An unsigned byte. */
    int one() {
        return bytes[skip(1)] & 0xff;
    }

    /** A signed or unsigned integer of up to 8 bytes, little-endian: those of less than 8 are unsigned. */
    long number(int count) {
        int from = skip(count);
        long value = 0;
        for (int i = count - 1; i >= 0; i--) {
            value = (value << 8) | (bytes[from + i] & 0xff);
        }
        return value;
    }

    /** A float64, big-endian. */
    double real() {
        return ByteBuffer.wrap(bytes, skip(8), 8).order(ByteOrder.BIG_ENDIAN).getDouble();
    }

    /** So many bytes, copied. */
    byte[] copy(long count) {
        int from = skip(count);
        return Arrays.copyOfRange(bytes, from, at);
    }

    /** So many bytes of text in UTF-8. */
    String text(long count) {
        int from = skip(count);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, from, (int) count))
                    .toString();
        } catch (CharacterCodingException e) {
            throw wrong("a text is not in UTF-8");
        }
    }

    /** Begins a frame: values do not reach over its end. */
    void frame() {
        long length = number(8);
        if (at < frameEnd) {
            throw wrong("a frame begins in a frame");
        }
        if (length < 0 || length > left()) {
            throw wrong("a frame is longer than the pickle");
        }
        frameEnd = at + (int) length;
    }

    private int skip(long count) {
        if (count < 0 || count > left()) {
            throw wrong("it ends within a value");
        }
        if (at < frameEnd && count > frameEnd - at) {
            throw wrong("a value reaches over the end of its frame");
        }
        int from = at;
        at += (int) count;
        return from;
    }

    /** The exception for a pickle that is refused at the present place. */
    UserException wrong(String what) {
        return UserException.input(name + ": byte " + at + " of the pickle: " + what
                + "; send what pickle.dumps makes of dict, list, tuple, str, bytes, int, float, bool and None");
    }
}
