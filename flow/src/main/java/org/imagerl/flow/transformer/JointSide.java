package org.imagerl.flow.transformer;

import ai.djl.ndarray.NDArray;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/** What a joint block does to one of its two sequences, image or text, with weights of that sequence's own. */
final class JointSide {
    private final AdaptiveNorm norm;
    private final Projections projections;
    private final Linear out;
    private final FeedForward feedForward;
    private final @Nullable SelfAttention second;

    private JointSide(
            AdaptiveNorm norm,
            Projections projections,
            Linear out,
            FeedForward feedForward,
            @Nullable SelfAttention second) {
        this.norm = norm;
        this.projections = projections;
        this.out = out;
        this.feedForward = feedForward;
        this.second = second;
    }

    /** @param dual whether a second attention, of the image to itself, runs beside the joint one */
    static JointSide image(ParameterScope block, AttentionSize size, boolean dual) {
        int width = size.width();
        return new JointSide(
                new AdaptiveNorm(block.at("norm1"), width, dual ? 9 : 6),
                new Projections(block.at("attn"), size),
                block.at("attn.to_out.0").linear(width, width),
                new FeedForward(block.at("ff"), width),
                dual ? new SelfAttention(block.at("attn2"), size) : null);
    }

    static JointSide text(ParameterScope block, AttentionSize size) {
        int width = size.width();
        return new JointSide(
                new AdaptiveNorm(block.at("norm1_context"), width, 6),
                new Projections(block.at("attn"), size, Projections.Names.ADDED),
                block.at("attn.to_add_out").linear(width, width),
                new FeedForward(block.at("ff_context"), width),
                null);
    }

    /** Shift, scale and gate before and after the attention, the same of the feed-forward layer, the same of the second attention. */
    NDArray[] vectors(NDArray embedding) {
        return norm.vectors(embedding);
    }

    /** Queries, keys and values. */
    NDArray[] project(NDArray x, NDArray[] v) {
        return projections.apply(Scope.of(() -> AdaptiveNorm.modulate(x, v[0], v[1])));
    }

    /**
     * The sequence after the block.
     *
     * @param x {@code [B, L, E]}, before it
     * @param attended {@code [B, L, E]}, what the attention gave for it
     */
    NDArray finish(NDArray x, NDArray attended, NDArray[] v) {
        NDArray seen = Scope.of(() -> Kernels.gatedAdd(x, v[2], out.apply(attended)));
        SelfAttention own = second;
        NDArray whole = own == null
                ? seen
                : Scope.of(() -> Kernels.gatedAdd(seen, v[8], own.apply(AdaptiveNorm.modulate(x, v[6], v[7]))));
        return Scope.of(
                () -> Kernels.gatedAdd(whole, v[5], feedForward.apply(AdaptiveNorm.modulate(whole, v[3], v[4]))));
    }
}
