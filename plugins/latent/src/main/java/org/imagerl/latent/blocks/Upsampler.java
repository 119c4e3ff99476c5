package org.imagerl.latent.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.imagerl.toolkit.nn.Conv2d;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;

/** Nearest-neighbour resize and a 3 x 3 convolution. One segment. */
public final class Upsampler {
    private final Conv2d conv;

    /** Declares the convolution as {@code conv} of the place. */
    public Upsampler(ParameterScope place, int channels) {
        conv = place.at("conv").conv2d(channels, channels, 3, 1, 1);
    }

    /** From {@code [B, C, h, w]} to twice the size, {@code [B, C, 2h, 2w]}. */
    public NDArray twice(boolean checkpointed, NDArray x) {
        Shape shape = x.getShape();
        return to(checkpointed, x, 2 * shape.get(2), 2 * shape.get(3));
    }

    /** From {@code [B, C, h, w]} to the height and width of another feature map: where a stride-2 convolution rounded up, that is not twice. */
    public NDArray toSizeOf(boolean checkpointed, NDArray x, NDArray other) {
        Shape shape = other.getShape();
        return to(checkpointed, x, shape.get(2), shape.get(3));
    }

    private NDArray to(boolean checkpointed, NDArray x, long height, long width) {
        return Gradients.segment(
                checkpointed, in -> conv.apply(Kernels.upsampleNearest(in[0], (int) height, (int) width)), x);
    }
}
