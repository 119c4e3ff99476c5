package org.imagerl.toolkit.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Winograd;
import org.jspecify.annotations.Nullable;

/**
 * A two-dimensional convolution with square stride and symmetric padding, with an optional adapter. One of 1 x 1 pixels
 * takes sequences {@code [B, n, in]}, too.
 */
public final class Conv2d extends Adaptable {
    private static final Shape NO_DILATION = new Shape(1, 1);

    private final int stride;
    private final int padding;

    Conv2d(Parameter weight, @Nullable Parameter bias, int stride, int padding) {
        super(weight, bias);
        this.stride = stride;
        this.padding = padding;
    }

    @Override
    NDArray layer(PtNDArray x, PtNDArray w, @Nullable PtNDArray b) {
        if (sequence(x)) {
            return JniUtils.linear(x, (PtNDArray) flat(w), b);
        }
        Shape strides = new Shape(stride, stride);
        Shape paddings = new Shape(padding, padding);
        return JniUtils.convolution(x, w, b, strides, paddings, NO_DILATION, 1);
    }

    @Override
    NDArray alone(NDArray x) {
        if (sequence(x) || !Winograd.suits(x, weight().value(), stride, padding) || !frozen()) {
            return super.alone(x);
        }
        return Gradients.recording() && Kernels.requiresGradient(x)
                ? Gradients.part(false, () -> new Frozen(x.getShape()), in -> super.alone(in[0]), x)
                : winograd(x);
    }

    private NDArray winograd(NDArray x) {
        NDArray y = Winograd.convolve(x, weight().value());
        NDArray bias = biasValue();
        return bias == null ? y : y.addi(bias.reshape(1, -1, 1, 1));
    }

    /** A convolution whose backward pass needs none of its input. */
    private final class Frozen implements Gradients.Part {
        private final Shape shape;

        Frozen(Shape shape) {
            this.shape = shape;
        }

        @Override
        public NDArray forward(NDArray... inputs) {
            return Gradients.off(() -> winograd(inputs[0]));
        }

        @Override
        public void backward(NDArray[] inputs, NDArray gradient) {
            Gradients.pull(inputs[0], Conv2d.this.backward(gradient, shape));
        }
    }

    /**
     * The gradient of an input of a shape from that of the output {@code [B, out, h, w]}, of the layer without adapter.
     */
    public NDArray backward(NDArray gradient, Shape input) {
        NDArray w = weight().value();
        return Gradients.off(() -> Winograd.suits(gradient, w, stride, padding)
                ? Winograd.backward(gradient, w)
                : Kernels.convolutionBackward(gradient, w, stride, padding, input.get(2), input.get(3)));
    }

    @Override
    NDArray adapted(NDArray output, NDArray x, Adapter lora) {
        if (sequence(x)) {
            return Kernels.loraLinear(output, x, flat(lora.down()), flat(lora.up()), lora.scale());
        }
        return Kernels.loraConv2d(output, x, lora.down(), lora.up(), lora.scale(), stride, padding);
    }

    private static boolean sequence(NDArray x) {
        return x.getShape().dimension() == 3;
    }

    /** {@code [out, in, 1, 1]} as {@code [out, in]}. */
    private static NDArray flat(NDArray weight) {
        Shape shape = weight.getShape();
        return weight.reshape(shape.get(0), shape.get(1));
    }
}
