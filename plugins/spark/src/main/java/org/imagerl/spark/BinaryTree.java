package org.imagerl.spark;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Adds float32 buffers in the binary tree of {@link org.imagerl.toolkit.parallel.GradientShards}: {@code ((0 + 1) + (2 + 3)) + ...}. A buffer is added as soon
 * as the tree allows it, so that N shards take the memory of log2(N) + 1.
 */
final class BinaryTree {
    /** Of ever fewer shards, the last one first. */
    private final Deque<List<byte[]>> sums = new ArrayDeque<>();

    private int shards;

    /**
     * The next shard.
     *
     * @param parts little-endian numbers, as many in each part as those of the other shards; they are overwritten
     */
    void add(List<byte[]> parts) {
        sums.push(parts);
        shards++;
        for (int pairs = shards; pairs % 2 == 0; pairs /= 2) {
            join();
        }
    }

    /** The sum of all; empty without any. */
    List<byte[]> sum() {
        while (sums.size() > 1) {
            join();
        }
        return sums.isEmpty() ? List.of() : sums.peek();
    }

    private void join() {
        List<byte[]> from = sums.pop();
        List<byte[]> to = sums.element();
        for (int part = 0; part < to.size(); part++) {
            add(to.get(part), from.get(part));
        }
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
