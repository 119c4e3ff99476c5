package org.imagerl.diffusion.unet;

import ai.djl.ndarray.NDArray;
import org.imagerl.diffusion.checkpoint.UnetLevel;
import org.imagerl.toolkit.nn.LayerNorm;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/**
 * Diffusers' {@code BasicTransformerBlock}: attention within the image, attention to the text, and a feed-forward layer gated
 * by GELU (Shazeer, GLU Variants Improve Transformer, 2020, arXiv 2002.05202), each after a norm and beside the identity.
 */
final class TransformerBlock {
    private static final double EPS = 1e-5;
    private static final int EXPANSION = 4;

    private final LayerNorm selfNorm;
    private final Attention self;
    private final LayerNorm crossNorm;
    private final Attention cross;
    private final LayerNorm feedForwardNorm;
    private final Linear gated;
    private final Linear narrowed;
    private final boolean onlyCrossAttention;

    TransformerBlock(ParameterScope place, UnetLevel level, boolean upcast) {
        int width = level.channels();
        int text = level.crossAttentionDim();
        onlyCrossAttention = level.onlyCrossAttention();
        selfNorm = place.at("norm1").layerNorm(width, EPS);
        self = new Attention(place.at("attn1"), width, onlyCrossAttention ? text : width, level.heads(), upcast);
        crossNorm = place.at("norm2").layerNorm(width, EPS);
        cross = new Attention(place.at("attn2"), width, text, level.heads(), upcast);
        feedForwardNorm = place.at("norm3").layerNorm(width, EPS);
        gated = place.at("ff.net.0.proj").linear(width, 2 * EXPANSION * width);
        narrowed = place.at("ff.net.2").linear(EXPANSION * width, width);
    }

    /** {@code [B, hw, width]} and text {@code [B, L, E]} to {@code [B, hw, width]}. */
    NDArray apply(NDArray x, NDArray text) {
        NDArray seen = Scope.of(() -> x.add(selfAttention(selfNorm.apply(x), text)));
        NDArray attended = Scope.of(() -> seen.add(cross.apply(crossNorm.apply(seen), text)));
        return Scope.of(() -> attended.add(feedForward(feedForwardNorm.apply(attended))));
    }

    private NDArray selfAttention(NDArray x, NDArray text) {
        return self.apply(x, onlyCrossAttention ? text : x);
    }

    private NDArray feedForward(NDArray x) {
        return narrowed.apply(Scope.of(() -> Kernels.geglu(gated.apply(x))));
    }
}
