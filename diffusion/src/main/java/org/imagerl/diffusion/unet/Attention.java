package org.imagerl.diffusion.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Kernels;

/** Multi-head attention of a sequence to a context (Vaswani et al., Attention Is All You Need, 2017, arXiv 1706.03762, 3.2.2). */
final class Attention {
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear out;
    private final int heads;
    private final boolean upcast;

    Attention(ParameterScope place, int width, int contextWidth, int heads, boolean upcast) {
        query = place.at("to_q").linear(width, width, false);
        key = place.at("to_k").linear(contextWidth, width, false);
        value = place.at("to_v").linear(contextWidth, width, false);
        out = place.at("to_out.0").linear(width, width);
        this.heads = heads;
        this.upcast = upcast;
    }

    /** {@code [B, n, width]}, {@code [B, m, contextWidth]} to {@code [B, n, width]}. */
    NDArray apply(NDArray x, NDArray context) {
        NDArray q = query.apply(x);
        NDArray k = key.apply(context);
        NDArray v = value.apply(context);
        return out.apply(upcast ? inFloat(q, k, v) : Kernels.attention(q, k, v, heads, false));
    }

    /** Scores of float16 weights may pass 65504. */
    private NDArray inFloat(NDArray q, NDArray k, NDArray v) {
        DataType wide = DataType.FLOAT32;
        NDArray mixed =
                Kernels.attention(Kernels.cast(q, wide), Kernels.cast(k, wide), Kernels.cast(v, wide), heads, false);
        return Kernels.cast(mixed, q);
    }
}
