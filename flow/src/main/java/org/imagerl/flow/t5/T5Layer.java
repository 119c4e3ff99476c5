package org.imagerl.flow.t5;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.imagerl.flow.checkpoint.T5Config;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.nn.RmsNorm;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/**
 * Attention and a feed-forward layer, each after a norm and beside the identity. Products of queries and keys are not divided by
 * the root of their width.
 */
final class T5Layer {
    private static final double NO_SCALE = 1;

    private final RmsNorm attentionNorm;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear out;
    private final int heads;
    private final RmsNorm feedForwardNorm;
    private final Linear widened;
    private final @Nullable Linear gate;
    private final Linear narrowed;

    T5Layer(ParameterScope place, T5Config config) {
        int width = config.width();
        int inner = config.heads() * config.headWidth();
        ParameterScope attention = place.at("0.SelfAttention");
        attentionNorm = place.at("0.layer_norm").rmsNorm(width, config.normEps());
        query = attention.at("q").linear(width, inner, false);
        key = attention.at("k").linear(width, inner, false);
        value = attention.at("v").linear(width, inner, false);
        out = attention.at("o").linear(inner, width, false);
        heads = config.heads();
        ParameterScope dense = place.at("1.DenseReluDense");
        feedForwardNorm = place.at("1.layer_norm").rmsNorm(width, config.normEps());
        widened = dense.at(config.gated() ? "wi_1" : "wi").linear(width, config.innerWidth(), false);
        gate = config.gated() ? dense.at("wi_0").linear(width, config.innerWidth(), false) : null;
        narrowed = dense.at("wo").linear(config.innerWidth(), width, false);
    }

    /** {@code [B, L, E]} and the bias {@code [1, heads, L, L]} to {@code [B, L, E]}. */
    NDArray apply(NDArray x, NDArray bias) {
        return Scope.of(() -> {
            NDArray seen = x.add(attention(attentionNorm.apply(x), bias));
            return seen.add(feedForward(feedForwardNorm.apply(seen)));
        });
    }

    private NDArray attention(NDArray x, NDArray bias) {
        return out.apply(Kernels.attention(query.apply(x), key.apply(x), value.apply(x), heads, bias, NO_SCALE));
    }

    private NDArray feedForward(NDArray x) {
        NDArray wide = widened.apply(x);
        Linear gates = gate;
        return narrowed.apply(
                gates == null
                        ? JniUtils.relu((PtNDArray) wide)
                        : Kernels.geluTanh(gates.apply(x)).mul(wide));
    }
}
