package org.imagerl.latent.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.imagerl.toolkit.tensor.Gradients;
import org.jspecify.annotations.Nullable;

/**
 * The network of a text encoder. Its weights are in memory when they are needed. Its outputs come from the network, or
 * from the cache on disk if they are there.
 */
public final class PromptNetwork {
    private final Residence residence;
    private final Forward forward;
    private final @Nullable EmbeddingCache cache;
    private final Supplier<String> identity;
    private @Nullable String known;

    /** The forward pass of the network on token ids. */
    @FunctionalInterface
    public interface Forward {
        /** From {@code ids} int64 {@code [B, L]} to its outputs by name, each with the batch first, {@code [B, ...]}. */
        SortedMap<String, NDArray> of(NDArray ids);
    }

    /**
     * A network.
     *
     * @param cache where outputs are kept; null for nowhere
     * @param identity tells the network and its weights from all others; asked for once, and only with a cache
     */
    PromptNetwork(Residence residence, Forward forward, @Nullable EmbeddingCache cache, Supplier<String> identity) {
        this.residence = residence;
        this.forward = forward;
        this.cache = cache;
        this.identity = identity;
    }

    /**
     * Encodes prompts. With a cache every prompt is encoded for itself, so that its numbers do not depend on those beside it.
     *
     * @param ids int64 {@code [B, L]}
     * @return as of {@link Forward#of}; float32 where they come from disk
     */
    public SortedMap<String, NDArray> apply(NDArray ids) {
        EmbeddingCache disk = cache;
        if (disk == null || residence.changed() || Gradients.recording()) {
            return residence.use(() -> forward.of(ids));
        }
        long[] all = ids.toLongArray();
        int length = (int) ids.getShape().get(1);
        SortedMap<String, NDArray> rows = new TreeMap<>();
        for (int from = 0; from < all.length; from += length) {
            long[] one = Arrays.copyOfRange(all, from, from + length);
            NDArray row = ids.getManager().create(one, new Shape(1, length));
            disk.get(ids.getManager(), identity(), Arrays.toString(one), () -> residence.use(() -> forward.of(row)))
                    .forEach((name, tensor) -> rows.merge(name, tensor, (above, next) -> above.concat(next, 0)));
        }
        return rows;
    }

    private synchronized String identity() {
        String found = known == null ? identity.get() : known;
        known = found;
        return found;
    }
}
