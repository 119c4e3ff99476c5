package org.imagerl.latent.blocks;

import ai.djl.ndarray.NDArray;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.Conv2d;
import org.imagerl.toolkit.nn.GroupNorm;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/**
 * Residual block, diffusers' {@code ResnetBlock2D}: norm, SiLU, 3 x 3 convolution, twice, beside a 1 x 1 convolution where the
 * number of channels changes. The time embedding is added between the two, in networks that have one.
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
    public NDArray apply(Checkpointing checkpointed, NDArray x) {
        return run(checkpointed, 1, x);
    }

    /** With the time embedding (after SiLU) {@code [B, timeWidth]}. */
    public NDArray apply(Checkpointing checkpointed, NDArray x, NDArray time) {
        return timeProjection == null ? apply(checkpointed, x) : run(checkpointed, 1, x, time);
    }

    /** On {@code x} and {@code skip} side by side, {@code [B, in - s, h, w]} and {@code [B, s, h, w]}. */
    public NDArray apply(Checkpointing checkpointed, NDArray x, NDArray skip, NDArray time) {
        return timeProjection == null ? run(checkpointed, 2, x, skip) : run(checkpointed, 2, x, skip, time);
    }

    /** On so many feature maps side by side, and the time embedding if there is one. */
    private NDArray run(Checkpointing checkpointed, int maps, NDArray... inputs) {
        return Scope.of(() -> withShift(checkpointed, maps, inputs));
    }

    private NDArray withShift(Checkpointing checkpointed, int maps, NDArray... inputs) {
        NDArray[] shifted = inputs.clone();
        if (timeProjection != null) {
            NDArray shift = timeProjection.apply(inputs[maps]);
            shifted[maps] = shift.reshape(shift.getShape().add(1, 1));
        }
        boolean frozen = Gradients.recording()
                && firstConv.frozen()
                && secondConv.frozen()
                && (shortcut == null || shortcut.frozen());
        return frozen
                ? Gradients.part(
                        checkpointed.on(), () -> new Frozen(maps, checkpointed.least()), in -> body(maps, in), shifted)
                : Gradients.segment(checkpointed.on(), in -> body(maps, in), shifted);
    }

    private NDArray body(int maps, NDArray... in) {
        NDArray x = joined(maps, in);
        NDArray h = Scope.of(() -> hidden(x, maps, in));
        return added(x, h);
    }

    private static NDArray joined(int maps, NDArray... in) {
        return maps == 1 ? in[0] : in[0].concat(in[1], 1);
    }

    private NDArray hidden(NDArray x, int maps, NDArray... in) {
        NDArray h = firstConv.apply(firstNorm.silu(x));
        return in.length > maps ? h.add(in[maps]) : h;
    }

    private NDArray added(NDArray x, NDArray h) {
        NDArray residual = Scope.of(() -> secondConv.apply(secondNorm.silu(h)));
        return (shortcut == null ? x : shortcut.apply(x)).add(residual);
    }

    /** The block with frozen convolutions: keeps what stands between them, or nothing, and computes norms and activations again. */
    private final class Frozen implements Gradients.Part {
        private final int maps;
        private final boolean again;
        private @Nullable NDArray hidden;

        Frozen(int maps, boolean again) {
            this.maps = maps;
            this.again = again;
        }

        @Override
        public NDArray forward(NDArray... in) {
            return Gradients.off(() -> Scope.of(() -> {
                NDArray x = joined(maps, in);
                NDArray h = Scope.of(() -> ResnetBlock.this.hidden(x, maps, in));
                if (!again) {
                    hidden = Gradients.keep(h);
                }
                return added(x, h);
            }));
        }

        @Override
        public void backward(NDArray[] in, NDArray gradient) {
            try (NDArray h = hidden == null ? again(in) : hidden) {
                NDArray ofHidden = Gradients.of(secondNorm::silu, h, secondConv.backward(gradient, h.getShape()));
                if (in.length > maps && Kernels.requiresGradient(in[maps])) {
                    Gradients.pull(h.add(in[maps]), ofHidden);
                }
                NDArray x = joined(maps, in);
                NDArray ofX = Gradients.of(firstNorm::silu, x, firstConv.backward(ofHidden, x.getShape()));
                if (Kernels.requiresGradient(
                        x)) { // not in the first block, where the time embedding alone may be trained
                    NDArray straight = shortcut == null ? gradient : shortcut.backward(gradient, x.getShape());
                    Gradients.pull(x, Gradients.off(() -> ofX.add(straight)));
                }
            }
        }

        private NDArray again(NDArray... in) {
            return Gradients.off(() -> Scope.of(() -> ResnetBlock.this.hidden(joined(maps, in), maps, in)));
        }
    }
}
