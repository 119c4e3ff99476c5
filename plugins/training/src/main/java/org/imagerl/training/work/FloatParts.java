package org.imagerl.training.work;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.spi.UserException;

/**
 * Named float32 arrays as flat buffers: one after the other in the order of their names, little-endian, cut into parts that every transport takes. A
 * part ends where it is full, in the middle of an array if need be.
 */
public final class FloatParts {
    /** The most bytes of a part; below the 64 MB that transports of clusters take. */
    public static final int MAX_BYTES = 48 << 20;

    private FloatParts() {}

    /** How long each array is, which a reader must know. */
    public static SortedMap<String, Integer> lengths(Map<String, float[]> arrays) {
        SortedMap<String, Integer> lengths = new TreeMap<>();
        arrays.forEach((name, values) -> lengths.put(name, values.length));
        return lengths;
    }

    /**
     * Cuts arrays into parts.
     *
     * @param partBytes most bytes of a part, a multiple of 4
     */
    public static List<byte[]> write(SortedMap<String, float[]> arrays, int partBytes) {
        long left = arrays.values().stream()
                .mapToLong(values -> (long) values.length * Float.BYTES)
                .sum();
        List<byte[]> parts = new ArrayList<>();
        ByteBuffer part = ByteBuffer.allocate(0);
        for (float[] values : arrays.values()) {
            for (float value : values) {
                if (!part.hasRemaining()) {
                    part = ByteBuffer.allocate((int) Math.min(left, partBytes)).order(ByteOrder.LITTLE_ENDIAN);
                    parts.add(part.array());
                    left -= part.capacity();
                }
                part.putFloat(value);
            }
        }
        return parts;
    }

    /**
     * Puts arrays together again.
     *
     * @param lengths as {@link #lengths} gives them; their sum is not more than the parts hold
     * @throws UserException if the parts have not as many numbers as the lengths say
     */
    public static SortedMap<String, float[]> read(SortedMap<String, Integer> lengths, List<byte[]> parts) {
        long expected = lengths.values().stream()
                .mapToLong(length -> (long) length * Float.BYTES)
                .sum();
        long found = parts.stream().mapToLong(part -> part.length).sum();
        boolean negative = lengths.values().stream().anyMatch(length -> length < 0);
        if (negative || expected != found || parts.stream().anyMatch(part -> part.length % Float.BYTES != 0)) {
            throw UserException.input("float32 arrays in parts: " + found + " bytes in " + parts.size()
                    + " parts, expected whole numbers in " + expected + " bytes");
        }
        SortedMap<String, float[]> arrays = new TreeMap<>();
        Reader reader = new Reader(parts);
        lengths.forEach((name, length) -> arrays.put(name, reader.next(length)));
        return arrays;
    }

    private static final class Reader {
        private final List<byte[]> parts;
        private ByteBuffer part = ByteBuffer.allocate(0);
        private int next;

        Reader(List<byte[]> parts) {
            this.parts = parts;
        }

        float[] next(int length) {
            float[] values = new float[length];
            for (int i = 0; i < length; i++) {
                while (!part.hasRemaining()) {
                    part = ByteBuffer.wrap(parts.get(next++)).order(ByteOrder.LITTLE_ENDIAN);
                }
                values[i] = part.getFloat();
            }
            return values;
        }
    }
}
