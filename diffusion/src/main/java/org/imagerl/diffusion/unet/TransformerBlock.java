package org.imagerl.diffusion.unet;

import ai.djl.ndarray.NDArray;
import java.util.Objects;
import org.imagerl.diffusion.checkpoint.UnetLevel;
import org.imagerl.toolkit.nn.LayerNorm;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

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
    NDArray apply(boolean checkpointed, NDArray x, NDArray text) {
        // Attention within the image takes longer to compute again than anything else that keeps as much.
        NDArray seen = Gradients.segment(false, in -> in[0].add(selfAttention(selfNorm.apply(in[0]), in[1])), x, text);
        NDArray attended = Gradients.segment(
                checkpointed, in -> in[0].add(cross.apply(crossNorm.apply(in[0]), in[1])), seen, text);
        return checkpointed || !narrowed.frozen() || !gated.frozen()
                ? Gradients.segment(checkpointed, in -> feedForward(in[0]), attended)
                : Gradients.part(false, FeedForward::new, in -> feedForward(in[0]), attended);
    }

    private NDArray selfAttention(NDArray x, NDArray text) {
        return self.apply(x, onlyCrossAttention ? text : x);
    }

    private NDArray feedForward(NDArray x) {
        return x.add(narrowed.apply(Scope.of(() -> product(feedForwardNorm.apply(x)))));
    }

    /** GEGLU of the normed {@code [B, n, width]}. Halves that are computed apart need not be joined in the backward pass, nor read in strides. */
    private NDArray product(NDArray x) {
        return gated.adapter() == null
                ? Kernels.geluGated(gated.half(x, false), gated.half(x, true))
                : Kernels.geglu(gated.apply(x));
    }

    /** The same, keeping the input of GELU and its factor but neither GELU nor the product; all layers are frozen. */
    private final class FeedForward implements Gradients.Part {
        private @Nullable NDArray factor;
        private @Nullable NDArray gate;

        @Override
        public NDArray forward(NDArray... inputs) {
            return Gradients.off(() -> Scope.of(() -> {
                NDArray x = feedForwardNorm.apply(inputs[0]);
                NDArray h = Gradients.keep(gated.half(x, false));
                NDArray g = Gradients.keep(gated.half(x, true));
                factor = h;
                gate = g;
                return inputs[0].add(narrowed.apply(Kernels.geluGated(h, g)));
            }));
        }

        @Override
        public void backward(NDArray[] inputs, NDArray gradient) {
            try (NDArray h = Objects.requireNonNull(factor);
                    NDArray g = Objects.requireNonNull(gate)) {
                NDArray ofNorm = Gradients.off(() -> Scope.of(() -> Kernels.geluGatedBackward(
                        h, g, narrowed.backward(gradient), gated.weight().value())));
                Gradients.pull(feedForwardNorm.apply(inputs[0]), ofNorm);
            }
            Gradients.pull(inputs[0], gradient);
        }
    }
}
