package org.imagerl.toolkit.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;

/** Copies the elements of tensors into Java arrays. */
public final class Floats {
    private Floats() {}

    /**
     * The elements of an array of any shape as float32, in row-major order. Reading an array of a GPU leaves the
     * engine's copy, in a new manager under that of the array, until that is closed: here both go at once.
     */
    public static float[] of(NDArray array) {
        float[][] values = new float[1][];
        Scope.run(() -> Gradients.off(() -> {
            try (NDManager scratch = array.getManager().newSubManager()) {
                NDArray handle = array.stopGradient();
                handle.attach(scratch);
                values[0] = handle.toType(DataType.FLOAT32, false).toFloatArray();
                return values;
            }
        }));
        return values[0];
    }
}
