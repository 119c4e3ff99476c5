package org.imagerl.flow.t5;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.imagerl.flow.checkpoint.T5Config;
import org.imagerl.toolkit.nn.Embedding;
import org.imagerl.toolkit.nn.ParameterScope;

/**
 * What is added to attention scores for the distance between two tokens: a learned number for each bucket of distances
 * and each head; all layers use that of the first layer (Raffel et al., 2019, arXiv 1910.10683, section 2.1).
 */
final class RelativePositions {
    private final Embedding table;
    private final T5Config config;

    RelativePositions(ParameterScope place, T5Config config) {
        this.table = place.embedding(config.buckets(), config.heads(), Math.pow(config.width(), -0.5));
        this.config = config;
    }

    /** {@code [1, heads, L, L]} for L tokens: query by key. */
    NDArray bias(NDManager manager, int tokens) {
        long[] buckets = new long[tokens * tokens];
        for (int query = 0; query < tokens; query++) {
            for (int key = 0; key < tokens; key++) {
                buckets[query * tokens + key] = bucket(key - query);
            }
        }
        // A copy, because the graph of a table look-up keeps the indices.
        NDArray rows = table.apply(manager.create(buckets).duplicate());
        return rows.reshape(tokens, tokens, config.heads())
                .transpose(2, 0, 1)
                .reshape(1, config.heads(), tokens, tokens);
    }

    /**
     * The bucket of a distance: half of them for tokens after the query, and of each half the first half for one distance each, the
     * second for spans that grow geometrically up to the largest distance.
     */
    int bucket(int distance) {
        int half = config.buckets() / 2;
        int exact = half / 2;
        int from = distance > 0 ? half : 0;
        int size = Math.abs(distance);
        if (size < exact) {
            return from + size;
        }
        // In float as in the published code: where a logarithm falls on a border, more digits could fall on its other
        // side.
        float share = (float) Math.log((float) size / exact) / (float) Math.log((double) config.maxDistance() / exact);
        return from + Math.min(half - 1, exact + (int) (share * (half - exact)));
    }
}
