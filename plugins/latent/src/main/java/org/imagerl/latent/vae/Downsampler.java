package org.imagerl.latent.vae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.Conv2d;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Gradients;

/** Stride-2 convolution of a feature map that is padded with zeros on the right and at the bottom only. One segment. */
final class Downsampler {
    private static final Shape RIGHT_AND_BOTTOM = new Shape(0, 1, 0, 1);

    private final Conv2d conv;

    Downsampler(ParameterScope place, int channels) {
        conv = place.at("conv").conv2d(channels, channels, 3, 2, 0);
    }

    /** {@code [B, C, h, w]} to {@code [B, C, h/2, w/2]}, rounded down. */
    NDArray apply(Checkpointing checkpointed, NDArray x) {
        return Gradients.segment(checkpointed.on(), in -> conv.apply(in[0].pad(RIGHT_AND_BOTTOM, 0)), x);
    }
}
