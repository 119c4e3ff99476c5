package org.imagerl.toolkit.recipe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/** A number per sample as a tensor with native storage: what enters a recorded graph must not lie in a Java buffer. */
public final class PerSample {
    private PerSample() {}

    /** {@code [B]} in the dtype and on the manager of an array. */
    public static NDArray like(NDArray array, double... values) {
        return of(array, array.getDataType(), values);
    }

    /** {@code [B]} in a dtype, on the manager of an array. */
    public static NDArray of(NDArray array, DataType type, double... values) {
        NDArray inDouble = array.getManager().create(values, new Shape(values.length));
        return inDouble.toType(type, false).duplicate();
    }

    /** {@code [B, 1, 1, 1]} to multiply latents with, in their dtype. */
    public static NDArray onLatents(NDArray latents, double... values) {
        return like(latents, values).reshape(values.length, 1, 1, 1);
    }

    /** {@code a_i x_i + b_i y_i} of latents {@code [B, c, h, w]}. */
    public static NDArray mixed(NDArray x, double[] a, NDArray y, double[] b) {
        return x.mul(onLatents(x, a)).add(y.mul(onLatents(y, b)));
    }
}
