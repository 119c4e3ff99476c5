package org.imagerl.latent.clip;

import ai.djl.ndarray.NDArray;
import org.imagerl.toolkit.nn.LayerNorm;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/** Transformers' {@code CLIPEncoderLayer} and {@code SiglipEncoderLayer}: attention and a feed-forward layer, each after a norm and beside the identity. */
final class ClipLayer {
    private final LayerNorm attentionNorm;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear out;
    private final EncoderShape shape;
    private final LayerNorm feedForwardNorm;
    private final FeedForward feedForward;

    ClipLayer(ParameterScope place, EncoderShape shape) {
        this.shape = shape;
        int width = shape.width();
        ParameterScope attention = place.at("self_attn");
        attentionNorm = place.at("layer_norm1").layerNorm(width, shape.layerNormEps());
        query = attention.at("q_proj").linear(width, width);
        key = attention.at("k_proj").linear(width, width);
        value = attention.at("v_proj").linear(width, width);
        out = attention.at("out_proj").linear(width, width);
        feedForwardNorm = place.at("layer_norm2").layerNorm(width, shape.layerNormEps());
        feedForward = new FeedForward(place.at("mlp"), shape);
    }

    /** {@code [B, L, E]} to the same. */
    NDArray apply(NDArray x) {
        return Scope.of(() -> {
            NDArray read = x.add(attention(attentionNorm.apply(x)));
            return read.add(feedForward.apply(feedForwardNorm.apply(read)));
        });
    }

    private NDArray attention(NDArray x) {
        return out.apply(
                Kernels.attention(query.apply(x), key.apply(x), value.apply(x), shape.heads(), shape.causal()));
    }
}
