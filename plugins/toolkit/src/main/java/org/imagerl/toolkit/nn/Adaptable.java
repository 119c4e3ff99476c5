package org.imagerl.toolkit.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import java.util.function.Supplier;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/** A layer with a weight and an optional bias that takes a low-rank adapter. */
public abstract sealed class Adaptable permits Linear, Conv2d {
    private final Parameter weight;
    private final @Nullable Parameter bias;
    private @Nullable Supplier<@Nullable Adapter> adapter;

    Adaptable(Parameter weight, @Nullable Parameter bias) {
        this.weight = weight;
        this.bias = bias;
    }

    /**
     * {@code [..., in]} to {@code [..., out]} of a linear layer, {@code [B, in, H, W]} to {@code [B, out, H', W']} of a
     * convolution; a 1 x 1 convolution is a linear layer on {@code [B, n, in]}.
     */
    public final NDArray apply(NDArray x) {
        Supplier<@Nullable Adapter> given = adapter;
        Adapter lora = given == null ? null : given.get();
        if (lora == null) {
            return given == null ? alone(x) : layer(x, weight.value());
        }
        if (lora.cheaperInWeight(weight.value())) {
            return layer(x, lora.inWeight(weight.value()));
        }
        return adapted(layer(x, weight.value()), x, lora);
    }

    private NDArray layer(NDArray x, NDArray w) {
        return layer((PtNDArray) x, (PtNDArray) w, (PtNDArray) biasValue());
    }

    /** The output of the layer for an input, {@code [B, ..]} both, where no adapter ever is. */
    NDArray alone(NDArray x) {
        return layer(x, weight.value());
    }

    /**
     * Whether neither the weight nor an adapter is trained, so that the gradient of the input is all that a backward
     * pass needs.
     */
    public final boolean frozen() {
        NDArray b = biasValue();
        return adapter == null
                && !Kernels.requiresGradient(weight.value())
                && (b == null || !Kernels.requiresGradient(b));
    }

    final @Nullable NDArray biasValue() {
        return bias == null ? null : bias.value();
    }

    /** The output of the layer for an input with a weight. */
    abstract NDArray layer(PtNDArray x, PtNDArray w, @Nullable PtNDArray b);

    /** The output with what an adapter beside the weight adds. */
    abstract NDArray adapted(NDArray output, NDArray x, Adapter lora);

    /** The layer's weight: {@code [out, in]} or {@code [out, in, kh, kw]}. */
    public final Parameter weight() {
        return weight;
    }

    /** What {@link #adapt} was given; null if there is none. */
    public final @Nullable Supplier<@Nullable Adapter> adapter() {
        return adapter;
    }

    /**
     * Puts an adapter on the layer, or takes it off with null.
     *
     * @param given asked in every call of the layer; null is none in this call
     */
    public final void adapt(@Nullable Supplier<@Nullable Adapter> given) {
        adapter = given;
    }
}
