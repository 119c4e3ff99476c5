package org.imagerl.spi;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the denoiser is conditioned on for the prompts of a batch, by the name of the network's input, for instance
 * {@code encoder_hidden_states} float32 {@code [B, L, E]}. Every tensor has the batch as its first dimension.
 *
 * @param positive the prompts
 * @param negative the negative (or empty) prompts for classifier-free guidance; empty without guidance
 */
public record Conditioning(Map<String, NDArray> positive, Map<String, NDArray> negative) {
    public Conditioning {
        positive = Map.copyOf(positive);
        negative = Map.copyOf(negative);
    }

    /** Whether the denoiser runs twice, for classifier-free guidance. */
    public boolean guided() {
        return !negative.isEmpty();
    }

    /** The same, with the tensors of another conditioning that this one lacks: those that are not made from prompts, such as a masked image. */
    public Conditioning completedBy(Conditioning other) {
        return new Conditioning(
                completed(positive, other.positive), guided() ? completed(negative, other.negative) : Map.of());
    }

    private static Map<String, NDArray> completed(Map<String, NDArray> tensors, Map<String, NDArray> by) {
        Map<String, NDArray> all = new TreeMap<>(by);
        all.putAll(tensors);
        return all;
    }

    /** The chosen rows, in that order, as new arrays of the manager. Detached: for stored values only. */
    public Conditioning rows(NDManager manager, int... rows) {
        return new Conditioning(rows(manager, positive, rows), rows(manager, negative, rows));
    }

    private static Map<String, NDArray> rows(NDManager manager, Map<String, NDArray> tensors, int... rows) {
        Map<String, NDArray> chosen = new TreeMap<>();
        tensors.forEach((name, tensor) -> chosen.put(name, rows(manager, tensor, rows)));
        return chosen;
    }

    /** The chosen rows of an array {@code [B, ...]}, in that order, as a new array of the manager. Detached: for stored values only. */
    public static NDArray rows(NDManager manager, NDArray tensor, int... rows) {
        long[] wanted = new long[rows.length];
        for (int i = 0; i < rows.length; i++) {
            wanted[i] = rows[i];
        }
        // The source stays the first operand, so its manager would own the result: attach it to the caller's.
        try (NDArray index = manager.create(wanted, new Shape(wanted.length)).toType(DataType.INT64, false)) {
            NDArray chosen = tensor.get(index);
            chosen.attach(manager);
            return chosen;
        }
    }
}
