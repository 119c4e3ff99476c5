package org.imagerl.toolkit.nn;

import ai.djl.ndarray.NDArray;
import org.imagerl.toolkit.tensor.Kernels;

/** Group normalisation of {@code [B, C, ...]} with scale and shift (Wu and He, Group Normalization, 2018, arXiv 1803.08494). */
public record GroupNorm(Parameter weight, Parameter bias, int groups, double eps) {

    /** The normalised input {@code [B, C, ...]}. */
    public NDArray apply(NDArray x) {
        return Kernels.groupNorm(x, weight.value(), bias.value(), groups, eps);
    }

    /** The normalised input {@code [B, C, ...]} through SiLU, in one kernel call. */
    public NDArray silu(NDArray x) {
        return Kernels.groupNormSilu(x, weight.value(), bias.value(), groups, eps);
    }
}
