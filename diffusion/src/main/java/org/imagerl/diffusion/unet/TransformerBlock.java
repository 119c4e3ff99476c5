package org.imagerl.diffusion.unet;

import ai.djl.ndarray.NDArray;
import org.imagerl.diffusion.checkpoint.UnetLevel;
import org.imagerl.spi.Checkpointing;
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

    /**
     * Up to this width the feed-forward layer keeps much for the time that it takes: 2 / width bytes for a multiplication and an
     * addition.
     */
    private static final int WIDEST = 640;

    private final LayerNorm selfNorm;
    private final Attention self;
    private final LayerNorm crossNorm;
    private final Attention cross;
    private final LayerNorm feedForwardNorm;
    private final Linear gated;
    private final Linear narrowed;
    private final int width;
    private final boolean onlyCrossAttention;

    TransformerBlock(ParameterScope place, UnetLevel level, boolean upcast) {
        width = level.channels();
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
    NDArray apply(Checkpointing checkpointed, NDArray x, NDArray text) {
        NDArray seen = Gradients.segment(
                checkpointed.least(), in -> in[0].add(selfAttention(selfNorm.apply(in[0]), in[1])), x, text);
        NDArray attended = Gradients.segment(
                checkpointed.on(), in -> in[0].add(cross.apply(crossNorm.apply(in[0]), in[1])), seen, text);
        boolean again = checkpointed.least() || (checkpointed.on() && width <= WIDEST);
        return Gradients.recording() && narrowed.frozen() && gated.frozen()
                ? Gradients.part(again, () -> new FeedForward(again), in -> feedForward(in[0]), attended)
                : Gradients.segment(checkpointed.on(), in -> feedForward(in[0]), attended);
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

    /** The same, keeping the input of GELU and its factor, or nothing, but neither GELU nor the product; all layers are frozen. */
    private final class FeedForward implements Gradients.Part {
        private final boolean again;
        private @Nullable Halves halves;

        FeedForward(boolean again) {
            this.again = again;
        }

        @Override
        public NDArray forward(NDArray... inputs) {
            return Gradients.off(() -> Scope.of(() -> {
                Halves made = halves(feedForwardNorm.apply(inputs[0]));
                if (!again) {
                    Gradients.keep(made.factor);
                    Gradients.keep(made.gate);
                    halves = made;
                }
                return inputs[0].add(narrowed.apply(Kernels.geluGated(made.factor, made.gate)));
            }));
        }

        @Override
        public void backward(NDArray[] inputs, NDArray gradient) {
            NDArray x = feedForwardNorm.apply(inputs[0]);
            try (Halves made = halves == null ? Gradients.off(() -> halves(x)) : halves) {
                Gradients.pull(
                        x,
                        Gradients.off(() -> Scope.of(() -> Kernels.geluGatedBackward(
                                made.factor,
                                made.gate,
                                narrowed.backward(gradient),
                                gated.weight().value()))));
            }
            Gradients.pull(inputs[0], gradient);
        }

        private Halves halves(NDArray x) {
            return new Halves(gated.half(x, false), gated.half(x, true));
        }
    }

    /** What GEGLU multiplies, one of them through GELU. */
    private record Halves(NDArray factor, NDArray gate) implements AutoCloseable {
        @Override
        public void close() {
            factor.close();
            gate.close();
        }
    }
}
