package org.imagerl.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.imagerl.training.work.WorkFormat;

/**
 * What came of a shard.
 *
 * @param shard its index
 * @param busy what computed it, and how long
 * @param result what the session gave: first what is no number of a gradient, then the gradients in parts
 */
record ShardResult(int shard, UpdateCosts.Busy busy, List<byte[]> result) implements Serializable {
    /** Small enough that all executors have something to add up, large enough that Spark's own work per piece does not count. */
    private static final int PIECE_BYTES = 1 << 20;

    /** The key of what is no number of a gradient. */
    static final int HEAD = -1;

    /** The key of how long shards were computed. */
    static final int BUSY = -2;

    /**
     * A piece of a shard.
     *
     * @param key the place in the whole, the same in all shards, or {@link #HEAD} or {@link #BUSY}
     */
    record Piece(int key, int shard, byte[] bytes) implements Serializable {}

    List<Piece> pieces() {
        List<Piece> pieces = new ArrayList<>();
        pieces.add(new Piece(HEAD, shard, result.get(0)));
        pieces.add(new Piece(BUSY, shard, WorkFormat.write(busy)));
        int key = 0;
        for (byte[] part : result.subList(1, result.size())) {
            for (int from = 0; from < part.length; from += PIECE_BYTES) {
                int to = Math.min(part.length, from + PIECE_BYTES);
                pieces.add(new Piece(key++, shard, Arrays.copyOfRange(part, from, to)));
            }
        }
        return pieces;
    }
}
