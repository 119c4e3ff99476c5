package org.imagerl.flow.flux;

import ai.djl.ndarray.NDArray;
import org.imagerl.flow.transformer.AdaptiveNorm;
import org.imagerl.flow.transformer.AttentionSize;
import org.imagerl.flow.transformer.Projections;
import org.imagerl.flow.transformer.Tokens;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/**
 * Diffusers' {@code FluxSingleTransformerBlock}: attention and feed-forward layer side by side on the whole sequence (Dehghani et al.,
 * Scaling Vision Transformers to 22 Billion Parameters, 2023, arXiv 2302.05442, section 2). One segment.
 */
final class SingleBlock {
    private static final int EXPANSION = 4;

    private final AdaptiveNorm norm;
    private final Projections projections;
    private final Linear widened;
    private final Linear out;
    private final int heads;

    SingleBlock(ParameterScope place, AttentionSize size) {
        int width = size.width();
        norm = new AdaptiveNorm(place.at("norm"), width, 3);
        projections = new Projections(place.at("attn"), size);
        widened = place.at("proj_mlp").linear(width, EXPANSION * width);
        out = place.at("proj_out").linear((1 + EXPANSION) * width, width);
        heads = size.heads();
    }

    /** {@code [B, L, E]}, embedding {@code [B, E]} and rotary table to {@code [B, L, E]}. */
    NDArray apply(boolean checkpointed, NDArray state, NDArray embedding, NDArray rotary) {
        return Gradients.segment(checkpointed, in -> body(in[0], in[1], in[2]), state, embedding, rotary);
    }

    private NDArray body(NDArray state, NDArray embedding, NDArray rotary) {
        NDArray[] v = norm.vectors(embedding);
        NDArray x = Scope.of(() -> AdaptiveNorm.modulate(state, v[0], v[1]));
        NDArray attended = Scope.of(() -> attend(x, rotary));
        NDArray both = Scope.of(() -> attended.concat(Kernels.geluTanh(widened.apply(x)), 2));
        return Tokens.bounded(Kernels.gatedAdd(state, v[2], out.apply(both)));
    }

    private NDArray attend(NDArray x, NDArray rotary) {
        NDArray[] qkv = projections.apply(x);
        NDArray q = Kernels.rotatePairs(qkv[0], rotary);
        NDArray k = Kernels.rotatePairs(qkv[1], rotary);
        return Kernels.attention(q, k, qkv[2], heads, false);
    }
}
