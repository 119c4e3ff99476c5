package org.imagerl.toolkit.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/** {@code x W^T + b} over the last dimension, with an optional adapter. */
public final class Linear implements Adaptable {
    private final Parameter weight;
    private final @Nullable Parameter bias;
    private @Nullable Supplier<@Nullable Adapter> adapter;

    Linear(Parameter weight, @Nullable Parameter bias) {
        this.weight = weight;
        this.bias = bias;
    }

    /** {@code [..., in]} to {@code [..., out]}. */
    public NDArray apply(NDArray x) {
        Supplier<@Nullable Adapter> given = adapter;
        Adapter lora = given == null ? null : given.get();
        if (lora == null) {
            return linear(x, weight.value());
        }
        if (lora.cheaperInWeight(weight.value())) {
            return linear(x, lora.inWeight(weight.value()));
        }
        return Kernels.loraLinear(linear(x, weight.value()), x, lora.down(), lora.up(), lora.scale());
    }

    private NDArray linear(NDArray x, NDArray w) {
        PtNDArray b = bias == null ? null : (PtNDArray) bias.value();
        return JniUtils.linear((PtNDArray) x, (PtNDArray) w, b);
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
