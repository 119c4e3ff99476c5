package org.imagerl.flow.transformer;

import ai.djl.ndarray.NDArray;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/** Multi-head attention of a sequence to itself. */
final class SelfAttention {
    private final Projections projections;
    private final Linear out;
    private final int heads;

    SelfAttention(ParameterScope place, AttentionSize size) {
        projections = new Projections(place, size);
        out = place.at("to_out.0").linear(size.width(), size.width());
        heads = size.heads();
    }

    /** {@code [B, L, E]} to the same. */
    NDArray apply(NDArray x) {
        return out.apply(Scope.of(() -> {
            NDArray[] qkv = projections.apply(x);
            return Kernels.attention(qkv[0], qkv[1], qkv[2], heads, false);
        }));
    }
}
