package org.imagerl.spark;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;

/** Adds float32 buffers in the binary tree of {@link org.imagerl.toolkit.parallel.GradientShards}: {@code ((0 + 1) + (2 + 3)) + ...}. */
final class BinaryTree {
    private BinaryTree() {}

    /**
     * The sum.
     *
     * @param shards little-endian numbers, as many each, in the order of the shards; they are overwritten
     */
    static byte[] sum(List<byte[]> shards) {
        for (int distance = 1; distance < shards.size(); distance *= 2) {
            for (int i = 0; i + distance < shards.size(); i += 2 * distance) {
                add(shards.get(i), shards.get(i + distance));
            }
        }
        return shards.get(0);
    }

    private static void add(byte[] to, byte[] from) {
        if (to.length != from.length) {
            throw new IllegalArgumentException("shards of " + to.length + " and " + from.length + " bytes");
        }
        FloatBuffer sum = floats(to);
        FloatBuffer more = floats(from);
        for (int i = 0; i < sum.capacity(); i++) {
            sum.put(i, sum.get(i) + more.get(i));
        }
    }

    private static FloatBuffer floats(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    }
}
