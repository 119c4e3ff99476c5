package org.imagerl.toolkit.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/** {@code x W^T + b} over the last dimension, with an optional adapter. */
public final class Linear extends Adaptable {

    Linear(Parameter weight, @Nullable Parameter bias) {
        super(weight, bias);
    }

    @Override
    NDArray layer(PtNDArray x, PtNDArray w, @Nullable PtNDArray b) {
        return JniUtils.linear(x, w, b);
    }

    /**
     * The gradient of the input {@code [..., in]} from that of the output {@code [..., out]}, of the layer without
     * adapter.
     */
    public NDArray backward(NDArray gradient) {
        return gradient.matMul(weight().value());
    }

    @Override
    NDArray adapted(NDArray output, NDArray x, Adapter lora) {
        return Kernels.loraLinear(output, x, lora.down(), lora.up(), lora.scale());
    }
}
