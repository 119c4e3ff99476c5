package org.imagerl.latent.vae;

import ai.djl.ndarray.NDArray;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.GroupNorm;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/** Attention of every pixel of a feature map to all, with one head of the full width, beside the identity. One segment. */
final class PixelAttention {
    private static final int ONE_HEAD = 1;

    private final GroupNorm norm;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear out;

    PixelAttention(ParameterScope place, int channels, int groups) {
        norm = place.at("group_norm").groupNorm(groups, channels, AutoencoderKl.EPS);
        query = place.at("to_q").linear(channels, channels);
        key = place.at("to_k").linear(channels, channels);
        value = place.at("to_v").linear(channels, channels);
        out = place.at("to_out.0").linear(channels, channels);
    }

    /** {@code [B, C, h, w]} to the same. */
    NDArray apply(Checkpointing checkpointed, NDArray x) {
        return Gradients.segment(checkpointed.on(), in -> body(in[0]), x);
    }

    private NDArray body(NDArray x) {
        NDArray sequence = Scope.of(() -> Kernels.sequence(norm.apply(x)));
        NDArray mixed = Scope.of(() ->
                Kernels.attention(query.apply(sequence), key.apply(sequence), value.apply(sequence), ONE_HEAD, false));
        return x.add(Kernels.featureMap(out.apply(mixed), x));
    }
}
