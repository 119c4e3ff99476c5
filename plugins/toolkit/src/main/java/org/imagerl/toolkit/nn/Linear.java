package org.imagerl.toolkit.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/** {@code x W^T + b} over the last dimension, with an optional adapter. */
public final class Linear implements Adaptable {
    private final Parameter weight;
    private final @Nullable Parameter bias;
    private @Nullable Adapter adapter;

    Linear(Parameter weight, @Nullable Parameter bias) {
        this.weight = weight;
        this.bias = bias;
    }

    /** {@code [..., in]} to {@code [..., out]}. */
    public NDArray apply(NDArray x) {
        PtNDArray b = bias == null ? null : (PtNDArray) bias.value();
        NDArray base = JniUtils.linear((PtNDArray) x, (PtNDArray) weight.value(), b);
        Adapter lora = adapter;
        return lora == null ? base : Kernels.loraLinear(base, x, lora.down(), lora.up(), lora.scale());
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
