package org.imagerl.latent.clip;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The outputs of a text encoder for token ids.
 *
 * @param lastHiddenState {@code [B, L, E]}, after the final norm: what SD 1.x and SD 2.x are conditioned on
 * @param penultimateHiddenState {@code [B, L, E]}, what enters the last layer, without norm: what SDXL is conditioned
 *     on
 * @param pooled {@code [B, E]}, the last hidden state at each prompt's end
 * @param projected {@code [B, P]}, the pooled state projected; only of encoders with projection
 */
public record TextEncoding(
        NDArray lastHiddenState, NDArray penultimateHiddenState, NDArray pooled, Optional<NDArray> projected) {
    private static final String LAST = "last_hidden_state";
    private static final String PENULTIMATE = "penultimate_hidden_state";
    private static final String POOLED = "pooled";
    private static final String PROJECTED = "projected";

    /** The same by name, each {@code [B, ...]}. */
    public SortedMap<String, NDArray> byName() {
        SortedMap<String, NDArray> named =
                new TreeMap<>(Map.of(LAST, lastHiddenState, PENULTIMATE, penultimateHiddenState, POOLED, pooled));
        projected.ifPresent(tensor -> named.put(PROJECTED, tensor));
        return named;
    }

    /**
     * Of what {@link #byName} gave, {@code [B, ...]}.
     *
     * @throws IllegalArgumentException if something is missing
     */
    public static TextEncoding of(Map<String, NDArray> named) {
        return new TextEncoding(
                required(named, LAST),
                required(named, PENULTIMATE),
                required(named, POOLED),
                Optional.ofNullable(named.get(PROJECTED)));
    }

    private static NDArray required(Map<String, NDArray> named, String name) {
        NDArray tensor = named.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("no " + name + " in " + named.keySet());
        }
        return tensor;
    }
}
