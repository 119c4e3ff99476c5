package org.imagerl.toolkit.nn;

import ai.djl.ndarray.NDArray;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * Root-mean-square normalisation with scale (Zhang, Sennrich, Root Mean Square Layer Normalization, 2019, arXiv 1910.07467, eq. 4):
 * layer normalisation without the mean and without shift.
 */
public record RmsNorm(Parameter weight, double eps) {

    /** Normalised over the last dimension of {@code [..., E]}, whose width is that of the weight. */
    public NDArray apply(NDArray x) {
        return Kernels.rmsNorm(x, weight.value(), eps);
    }

    /** {@code [B, L, heads d]}, each head normalised for itself; d is the width of the weight. */
    public NDArray heads(NDArray x) {
        return Kernels.rmsNormHeads(x, weight.value(), eps);
    }
}
