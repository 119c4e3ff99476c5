package org.imagerl.latent.time;

import ai.djl.ndarray.NDArray;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Kernels;

/** Two linear layers with SiLU between: {@code [B, in]} to {@code [B, width]}. */
public final class TimestepEmbedding {
    private final Linear first;
    private final Linear second;

    /** Declares the layers {@code linear_1} and {@code linear_2}. */
    public TimestepEmbedding(ParameterScope place, int in, int width) {
        first = place.at("linear_1").linear(in, width);
        second = place.at("linear_2").linear(width, width);
    }

    /** The embedding of every row: {@code [B, in]} to {@code [B, width]}. */
    public NDArray apply(NDArray x) {
        return second.apply(Kernels.silu(first.apply(x)));
    }
}
