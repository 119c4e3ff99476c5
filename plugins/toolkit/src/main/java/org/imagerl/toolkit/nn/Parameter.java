package org.imagerl.toolkit.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One weight of a network: declared by its layer, filled from a checkpoint or by initialisation. */
public final class Parameter {

    /** How a weight starts when a network is trained from nothing. */
    public sealed interface Init {
        /** All elements the same. */
        record Constant(double value) implements Init {}

        /** Uniform in +- bound. */
        record Uniform(double bound) implements Init {}

        /** Normal with mean 0. */
        record Normal(double std) implements Init {}

        /** Numbers that are computed and stay as they are: no training changes them. */
        record Table(Supplier<float[]> values) implements Init {}
    }

    private final String key;
    private final Shape shape;
    private final Init init;
    private @Nullable NDArray value;
    private @Nullable Supplier<NDArray> standIn;

    Parameter(String key, Shape shape, Init init) {
        this.key = key;
        this.shape = shape;
        this.init = init;
    }

    /** The checkpoint key. */
    public String key() {
        return key;
    }

    /** The declared shape. */
    public Shape shape() {
        return shape;
    }

    /** How it starts without a checkpoint. */
    public Init init() {
        return init;
    }

    /** Whether it is trained with the network, or a table that checkpoints hold for convenience. */
    public boolean trainable() {
        return !(init instanceof Init.Table);
    }

    /** The tensor, or what stands in for it, of the shape of {@link #shape}. */
    public NDArray value() {
        Supplier<NDArray> other = standIn;
        if (other != null) {
            return other.get();
        }
        if (value == null) {
            throw new IllegalStateException(key + " was not loaded");
        }
        return value;
    }

    /** Fills it with a tensor of the shape of {@link #shape}. */
    public void set(NDArray tensor) {
        if (standIn != null) {
            throw new IllegalStateException(key + " is being trained: what is set now would not be used");
        }
        if (!tensor.getShape().equals(shape)) {
            throw new IllegalArgumentException(key + " is declared " + shape + ", not " + tensor.getShape());
        }
        value = tensor;
    }

    /** Frees its tensor: it is as before it was filled. */
    void free() {
        if (standIn != null) {
            throw new IllegalStateException(key + " is being trained: it is needed");
        }
        if (value != null) {
            value.close();
            value = null;
        }
    }

    /** Has another tensor of the same shape used in its place, asked for in every call; with null itself again. */
    public void standIn(@Nullable Supplier<NDArray> other) {
        standIn = other;
    }
}
