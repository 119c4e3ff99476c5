package org.imagerl.flow.transformer;

import ai.djl.ndarray.NDArray;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/** Two linear layers with GELU's tanh form between, four times as wide inside. */
final class FeedForward {
    private static final int EXPANSION = 4;

    private final Linear widened;
    private final Linear narrowed;

    FeedForward(ParameterScope place, int width) {
        widened = place.at("net.0.proj").linear(width, EXPANSION * width);
        narrowed = place.at("net.2").linear(EXPANSION * width, width);
    }

    /** {@code [B, L, E]} to the same. */
    NDArray apply(NDArray x) {
        return narrowed.apply(Scope.of(() -> Kernels.geluTanh(widened.apply(x))));
    }
}
