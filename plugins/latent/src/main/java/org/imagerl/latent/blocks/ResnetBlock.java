package org.imagerl.latent.blocks;

import ai.djl.ndarray.NDArray;
import org.imagerl.toolkit.nn.Conv2d;
import org.imagerl.toolkit.nn.GroupNorm;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/**
 * Residual block, diffusers' {@code ResnetBlock2D}: norm, SiLU, 3 x 3 convolution, twice, beside a 1 x 1 convolution where the
 * number of channels changes. The time embedding is added between the two, in networks that have one. One segment.
 */
public final class ResnetBlock {
    private final GroupNorm firstNorm;
    private final Conv2d firstConv;
    private final @Nullable Linear timeProjection;
    private final GroupNorm secondNorm;
    private final Conv2d secondConv;
    private final @Nullable Conv2d shortcut;

    /**
     * Declares the block.
     *
     * @param timeWidth width of the time embedding; 0 for a block without
     * @param groups norm groups, a divisor of {@code in} and {@code out}
     */
    public ResnetBlock(ParameterScope place, int in, int out, int timeWidth, int groups, double eps) {
        firstNorm = place.at("norm1").groupNorm(groups, in, eps);
        firstConv = place.at("conv1").conv2d(in, out, 3, 1, 1);
        timeProjection = timeWidth == 0 ? null : place.at("time_emb_proj").linear(timeWidth, out);
        secondNorm = place.at("norm2").groupNorm(groups, out, eps);
        secondConv = place.at("conv2").conv2d(out, out, 3, 1, 1);
        shortcut = in == out ? null : place.at("conv_shortcut").conv2d(in, out, 1, 1, 0);
    }

    /** A block without time embedding: {@code [B, in, h, w]} to {@code [B, out, h, w]}. */
    public NDArray apply(boolean checkpointed, NDArray x) {
        return Gradients.segment(checkpointed, in -> body(in[0], null), x);
    }

    /** With the time embedding (after SiLU) {@code [B, timeWidth]}. */
    public NDArray apply(boolean checkpointed, NDArray x, NDArray time) {
        return Gradients.segment(checkpointed, in -> body(in[0], in[1]), x, time);
    }

    /** On {@code x} and {@code skip} side by side, {@code [B, in - s, h, w]} and {@code [B, s, h, w]}. */
    public NDArray apply(boolean checkpointed, NDArray x, NDArray skip, NDArray time) {
        return Gradients.segment(checkpointed, in -> body(in[0].concat(in[1], 1), in[2]), x, skip, time);
    }

    private NDArray body(NDArray x, @Nullable NDArray time) {
        NDArray h = Scope.of(() -> timed(firstConv.apply(firstNorm.silu(x)), time));
        NDArray residual = Scope.of(() -> secondConv.apply(secondNorm.silu(h)));
        return (shortcut == null ? x : shortcut.apply(x)).add(residual);
    }

    private NDArray timed(NDArray h, @Nullable NDArray time) {
        if (timeProjection == null || time == null) {
            return h;
        }
        NDArray shift = timeProjection.apply(time);
        return h.add(shift.reshape(shift.getShape().add(1, 1)));
    }
}
