package org.imagerl.flow.matching;

import ai.djl.ndarray.NDArray;
import org.imagerl.toolkit.tensor.Kernels;

/** The squared error of a sample over its own size, {@code mean_d d^2 / max(mean_d |d|, 1e-5)}, where the denominator is a constant (arXiv 2509.16117). */
public final class RelativeError {
    private static final double SMALLEST_ERROR = 1e-5;

    private RelativeError() {}

    /**
     * The relative squared errors.
     *
     * @param error d, {@code [B, c, h, w]} with its graph
     * @return {@code [B]} in the dtype of the errors
     */
    public static NDArray of(NDArray error) {
        NDArray size = Kernels.meanPerSample(error.stopGradient().abs());
        return Kernels.meanPerSample(error.mul(error)).div(Kernels.clamp(size, SMALLEST_ERROR, Float.MAX_VALUE));
    }
}
