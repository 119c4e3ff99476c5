package org.imagerl.rewards.onnx;

/** What goes into a model; floats are also what comes out. */
public sealed interface ModelInput {

    /** Lengths of the dimensions. */
    long[] shape();

    /** A float32 tensor, row-major. */
    record Tensor(float[] values, long[] shape) implements ModelInput {}

    /** An int64 tensor, row-major. */
    record Ids(long[] values, long[] shape) implements ModelInput {}
}
