package org.imagerl.flow.transformer;

import ai.djl.ndarray.NDArray;
import java.util.stream.Stream;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/**
 * A block of a multimodal diffusion transformer (Esser et al., Scaling Rectified Flow Transformers for High-Resolution Image Synthesis,
 * 2024, arXiv 2403.03206, section 4 and figure 2b): text and image attend to both together, each with weights of its own;
 * diffusers' {@code JointTransformerBlock} and {@code FluxTransformerBlock}. One segment.
 */
public final class JointBlock {
    private final JointSide image;
    private final JointSide text;
    private final int heads;

    /**
     * Declares the weights.
     *
     * @param dual whether the image has a second attention, to itself alone (SD3.5)
     */
    public JointBlock(ParameterScope place, AttentionSize size, boolean dual) {
        image = JointSide.image(place, size, dual);
        text = JointSide.text(place, size);
        heads = size.heads();
    }

    /**
     * The sequence after the block.
     *
     * @param state {@code [B, L, E]}, text and image
     * @param textTokens how many of the L are text
     * @param embedding {@code [B, E]}, see {@link TimeTextEmbedding}
     * @param rotary what queries and keys are turned by, see {@link Kernels#rotatePairs}, or null
     */
    public NDArray apply(
            boolean checkpointed, NDArray state, long textTokens, NDArray embedding, @Nullable NDArray rotary) {
        NDArray[] inputs = Stream.of(state, embedding, rotary)
                .filter(input -> input != null)
                .toArray(NDArray[]::new);
        return Gradients.segment(
                checkpointed, in -> body(in[0], textTokens, in[1], in.length > 2 ? in[2] : null), inputs);
    }

    private NDArray body(NDArray state, long textTokens, NDArray embedding, @Nullable NDArray rotary) {
        NDArray words = Tokens.slice(state, 0, textTokens);
        NDArray pixels = Tokens.from(state, textTokens);
        NDArray[] forText = text.vectors(embedding);
        NDArray[] forImage = image.vectors(embedding);
        NDArray mixed =
                Scope.of(() -> attend(text.project(words, forText), image.project(pixels, forImage), heads, rotary));
        NDArray nextWords = text.finish(words, Tokens.slice(mixed, 0, textTokens), forText);
        NDArray nextPixels = image.finish(pixels, Tokens.from(mixed, textTokens), forImage);
        return Tokens.bounded(nextWords).concat(nextPixels, 1);
    }

    /** Attention over both sequences, the text's first. */
    private static NDArray attend(NDArray[] text, NDArray[] image, int heads, @Nullable NDArray rotary) {
        NDArray q = turned(text[0].concat(image[0], 1), rotary);
        NDArray k = turned(text[1].concat(image[1], 1), rotary);
        return Kernels.attention(q, k, text[2].concat(image[2], 1), heads, false);
    }

    private static NDArray turned(NDArray x, @Nullable NDArray rotary) {
        return rotary == null ? x : Kernels.rotatePairs(x, rotary);
    }
}
