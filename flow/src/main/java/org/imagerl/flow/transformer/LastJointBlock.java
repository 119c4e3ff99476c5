package org.imagerl.flow.transformer;

import ai.djl.ndarray.NDArray;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/** The last joint block of SD3: the text is still attended to, but ends here ({@code context_pre_only}). One segment. */
public final class LastJointBlock {
    private final JointSide image;
    private final AdaptiveNorm textNorm;
    private final Projections text;
    private final int heads;

    /** Declares the weights, see {@link JointBlock}. */
    public LastJointBlock(ParameterScope place, AttentionSize size, boolean dual) {
        image = JointSide.image(place, size, dual);
        textNorm = new AdaptiveNorm(place.at("norm1_context"), size.width(), 2);
        text = new Projections(place.at("attn"), size, Projections.Names.ADDED);
        heads = size.heads();
    }

    /** As {@link JointBlock#apply}, to the image's tokens {@code [B, n, E]} alone. */
    public NDArray apply(boolean checkpointed, NDArray state, long textTokens, NDArray embedding) {
        return Gradients.segment(checkpointed, in -> body(in[0], textTokens, in[1]), state, embedding);
    }

    private NDArray body(NDArray state, long textTokens, NDArray embedding) {
        NDArray words = Tokens.slice(state, 0, textTokens);
        NDArray pixels = Tokens.from(state, textTokens);
        NDArray[] forText = textNorm.vectors(embedding);
        NDArray[] forImage = image.vectors(embedding);
        NDArray mixed = Scope.of(
                () -> attend(AdaptiveNorm.modulate(words, forText[1], forText[0]), image.project(pixels, forImage)));
        return image.finish(pixels, mixed, forImage);
    }

    /**
     * Attention of the image to both sequences. Checkpoints also have weights for the queries of the text, but nothing
     * would read their result.
     */
    private NDArray attend(NDArray words, NDArray[] pixels) {
        NDArray k = text.keys(words).concat(pixels[1], 1);
        NDArray v = text.values(words).concat(pixels[2], 1);
        return Kernels.attention(pixels[0], k, v, heads, false);
    }
}
