package org.imagerl.toolkit.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/** A two-dimensional convolution with square stride and symmetric padding, with an optional adapter. */
public final class Conv2d implements Adaptable {
    private static final Shape NO_DILATION = new Shape(1, 1);

    private final Parameter weight;
    private final @Nullable Parameter bias;
    private final int stride;
    private final int padding;
    private @Nullable Supplier<@Nullable Adapter> adapter;

    Conv2d(Parameter weight, @Nullable Parameter bias, int stride, int padding) {
        this.weight = weight;
        this.bias = bias;
        this.stride = stride;
        this.padding = padding;
    }

    /** {@code [B, in, H, W]} to {@code [B, out, H', W']}. */
    public NDArray apply(NDArray x) {
        Supplier<@Nullable Adapter> given = adapter;
        Adapter lora = given == null ? null : given.get();
        if (lora == null) {
            return convolution(x, weight.value());
        }
        if (lora.cheaperInWeight(weight.value())) {
            return convolution(x, lora.inWeight(weight.value()));
        }
        NDArray base = convolution(x, weight.value());
        return Kernels.loraConv2d(base, x, lora.down(), lora.up(), lora.scale(), stride, padding);
    }

    private NDArray convolution(NDArray x, NDArray w) {
        PtNDArray b = bias == null ? null : (PtNDArray) bias.value();
        Shape strides = new Shape(stride, stride);
        Shape paddings = new Shape(padding, padding);
        return JniUtils.convolution((PtNDArray) x, (PtNDArray) w, b, strides, paddings, NO_DILATION, 1);
    }

    @Override
    public Parameter weight() {
        return weight;
    }

    @Override
    public void adapt(@Nullable Supplier<@Nullable Adapter> adapter) {
        this.adapter = adapter;
    }
}
