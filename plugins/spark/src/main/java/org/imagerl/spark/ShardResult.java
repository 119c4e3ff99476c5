package org.imagerl.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What came of neighbouring shards that one task computed.
 *
 * @param group the index of the task
 * @param busy what computed it, and how long
 * @param heads of each shard what the session gave that is no number of a gradient
 * @param gradient the sum over these shards, in parts
 */
record ShardResult(int group, UpdateCosts.Busy busy, List<byte[]> heads, List<byte[]> gradient)
        implements Serializable {
    /** Small enough that all executors have something to add up, large enough that Spark's own work per piece does not count. */
    private static final int PIECE_BYTES = 1 << 20;

    /** The same in pieces, the first of which has the heads. */
    List<ShardResult> pieces() {
        List<ShardResult> pieces = new ArrayList<>();
        for (byte[] part : gradient) {
            for (int from = 0; from < part.length; from += PIECE_BYTES) {
                int to = Math.min(part.length, from + PIECE_BYTES);
                byte[] piece = Arrays.copyOfRange(part, from, to);
                pieces.add(new ShardResult(group, busy, pieces.isEmpty() ? heads : List.of(), List.of(piece)));
            }
        }
        return pieces;
    }
}
