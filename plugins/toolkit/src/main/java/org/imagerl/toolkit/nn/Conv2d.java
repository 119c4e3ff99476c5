package org.imagerl.toolkit.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/** A two-dimensional convolution with square stride and symmetric padding, with an optional adapter. */
public final class Conv2d implements Adaptable {
    private static final Shape NO_DILATION = new Shape(1, 1);

    private final Parameter weight;
    private final @Nullable Parameter bias;
    private final int stride;
    private final int padding;
    private @Nullable Adapter adapter;

    Conv2d(Parameter weight, @Nullable Parameter bias, int stride, int padding) {
        this.weight = weight;
        this.bias = bias;
        this.stride = stride;
        this.padding = padding;
    }

    /** {@code [B, in, H, W]} to {@code [B, out, H', W']}. */
    public NDArray apply(NDArray x) {
        PtNDArray b = bias == null ? null : (PtNDArray) bias.value();
        NDArray base = JniUtils.convolution(
                (PtNDArray) x,
                (PtNDArray) weight.value(),
                b,
                new Shape(stride, stride),
                new Shape(padding, padding),
                NO_DILATION,
                1);
        Adapter lora = adapter;
        return lora == null ? base : Kernels.loraConv2d(base, x, lora.down(), lora.up(), lora.scale(), stride, padding);
    }

    @Override
    public Parameter weight() {
        return weight;
    }

    @Override
    public void adapt(@Nullable Adapter adapter) {
        this.adapter = adapter;
    }
}
