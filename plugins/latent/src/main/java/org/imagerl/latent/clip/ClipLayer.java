package org.imagerl.latent.clip;

import ai.djl.ndarray.NDArray;
import org.imagerl.latent.checkpoint.ClipTextConfig;
import org.imagerl.latent.checkpoint.ClipTextConfig.Activation;
import org.imagerl.toolkit.nn.LayerNorm;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/** Transformers' {@code CLIPEncoderLayer}: causal attention and a feed-forward layer, each after a norm and beside the identity. */
final class ClipLayer {
    private final LayerNorm attentionNorm;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear out;
    private final int heads;
    private final LayerNorm feedForwardNorm;
    private final Linear widened;
    private final Linear narrowed;
    private final Activation activation;

    ClipLayer(ParameterScope place, ClipTextConfig config) {
        int width = config.hiddenSize();
        ParameterScope attention = place.at("self_attn");
        attentionNorm = place.at("layer_norm1").layerNorm(width, config.layerNormEps());
        query = attention.at("q_proj").linear(width, width);
        key = attention.at("k_proj").linear(width, width);
        value = attention.at("v_proj").linear(width, width);
        out = attention.at("out_proj").linear(width, width);
        heads = config.heads();
        feedForwardNorm = place.at("layer_norm2").layerNorm(width, config.layerNormEps());
        widened = place.at("mlp.fc1").linear(width, config.intermediateSize());
        narrowed = place.at("mlp.fc2").linear(config.intermediateSize(), width);
        activation = config.activation();
    }

    /** {@code [B, L, E]} to the same. */
    NDArray apply(NDArray x) {
        return Scope.of(() -> {
            NDArray read = x.add(attention(attentionNorm.apply(x)));
            return read.add(feedForward(feedForwardNorm.apply(read)));
        });
    }

    private NDArray attention(NDArray x) {
        return out.apply(Kernels.attention(query.apply(x), key.apply(x), value.apply(x), heads, true));
    }

    private NDArray feedForward(NDArray x) {
        NDArray wide = widened.apply(x);
        return narrowed.apply(
                switch (activation) {
                    case QUICK_GELU -> Kernels.quickGelu(wide);
                    case GELU -> Kernels.gelu(wide);
                });
    }
}
