package org.imagerl.toolkit.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/** A two-dimensional convolution with square stride and symmetric padding, with an optional adapter. */
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
        Shape strides = new Shape(stride, stride);
        Shape paddings = new Shape(padding, padding);
        return JniUtils.convolution(x, w, b, strides, paddings, NO_DILATION, 1);
    }

    @Override
    NDArray adapted(NDArray output, NDArray x, Adapter lora) {
        return Kernels.loraConv2d(output, x, lora.down(), lora.up(), lora.scale(), stride, padding);
    }
}
