package org.imagerl.latent.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.Conv2d;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/** Nearest-neighbour resize and a 3 x 3 convolution. One segment. */
public final class Upsampler {
    private final Conv2d conv;

    /** Declares the convolution as {@code conv} of the place. */
    public Upsampler(ParameterScope place, int channels) {
        conv = place.at("conv").conv2d(channels, channels, 3, 1, 1);
    }

    /** From {@code [B, C, h, w]} to twice the size, {@code [B, C, 2h, 2w]}. */
    public NDArray twice(Checkpointing checkpointed, NDArray x) {
        Shape shape = x.getShape();
        return to(checkpointed, x, 2 * shape.get(2), 2 * shape.get(3));
    }

    /** From {@code [B, C, h, w]} to the height and width of another feature map: where a stride-2 convolution rounded up, that is not twice. */
    public NDArray toSizeOf(Checkpointing checkpointed, NDArray x, NDArray other) {
        Shape shape = other.getShape();
        return to(checkpointed, x, shape.get(2), shape.get(3));
    }

    private NDArray to(Checkpointing checkpointed, NDArray x, long height, long width) {
        Resized resized = new Resized((int) height, (int) width);
        return Gradients.recording() && conv.frozen()
                ? Gradients.part(checkpointed.on(), () -> resized, resized::body, x)
                : Gradients.segment(checkpointed.on(), resized::body, x);
    }

    /** To a size; with a frozen convolution the backward pass needs nothing of what is made on the way. */
    private final class Resized implements Gradients.Part {
        private final int height;
        private final int width;

        Resized(int height, int width) {
            this.height = height;
            this.width = width;
        }

        @Override
        public NDArray forward(NDArray... in) {
            return Gradients.off(() -> Scope.of(() -> body(in)));
        }

        @Override
        public void backward(NDArray[] in, NDArray gradient) {
            Shape shape = in[0].getShape();
            NDArray ofLarger = conv.backward(gradient, new Shape(shape.get(0), shape.get(1), height, width));
            Gradients.pull(in[0], Gradients.of(this::larger, in[0], ofLarger));
        }

        private NDArray body(NDArray... in) {
            return conv.apply(larger(in[0]));
        }

        private NDArray larger(NDArray x) {
            return Kernels.upsampleNearest(x, height, width);
        }
    }
}
