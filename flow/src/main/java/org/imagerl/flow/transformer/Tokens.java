package org.imagerl.flow.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.imagerl.toolkit.tensor.Kernels;

/** Sequences {@code [B, L, E]}. */
public final class Tokens {
    /** The largest float16. */
    private static final double MAX_HALF = 65504;

    private Tokens() {}

    /** Tokens {@code begin..end - 1} of {@code [B, L, E]}: a view {@code [B, end - begin, E]}. */
    public static NDArray slice(NDArray x, long begin, long end) {
        return JniUtils.slice((PtNDArray) x, 1, begin, end, 1);
    }

    /** Tokens of {@code [B, L, E]} from {@code begin} on: a view {@code [B, L - begin, E]}. */
    public static NDArray from(NDArray x, long begin) {
        return slice(x, begin, x.getShape().get(1));
    }

    /** The same {@code [B, L, E]}; in float16, where sums may overflow, infinities become the largest number, as in diffusers. */
    public static NDArray bounded(NDArray x) {
        return x.getDataType() == DataType.FLOAT16 ? Kernels.clamp(x, -MAX_HALF, MAX_HALF) : x;
    }
}
