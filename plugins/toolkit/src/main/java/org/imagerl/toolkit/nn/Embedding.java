package org.imagerl.toolkit.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/** A table of vectors that are looked up by their index. */
public record Embedding(Parameter weight) {

    /** Rows of the table: int64 {@code [...]} to {@code [..., E]}. */
    public NDArray apply(NDArray ids) {
        return JniUtils.embedding((PtNDArray) ids, (PtNDArray) weight.value(), false);
    }
}
