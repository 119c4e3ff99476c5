package org.imagerl.toolkit.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.Objects;
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

    /**
     * One half of the output, without {@link #adapter}: {@code [..., in]} to {@code [..., out / 2]}. The layer must have a bias.
     *
     * @param second whether it is the half from {@code out / 2} on
     */
    public NDArray half(NDArray x, boolean second) {
        return Kernels.linearHalf(x, weight().value(), Objects.requireNonNull(biasValue(), "no bias"), second);
    }

    @Override
    NDArray adapted(NDArray output, NDArray x, Adapter lora) {
        return Kernels.loraLinear(output, x, lora.down(), lora.up(), lora.scale());
    }
}
