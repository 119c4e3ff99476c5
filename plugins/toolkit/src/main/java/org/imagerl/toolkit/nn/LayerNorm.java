package org.imagerl.toolkit.nn;

import ai.djl.ndarray.NDArray;
import org.imagerl.toolkit.tensor.Kernels;

/** Layer normalisation over the last dimension with scale and shift (Ba, Kiros, Hinton, 2016, arXiv 1607.06450). */
public record LayerNorm(Parameter weight, Parameter bias, double eps) {

    /** The normalised input {@code [..., E]}. */
    public NDArray apply(NDArray x) {
        return Kernels.layerNorm(x, weight.value(), bias.value(), eps);
    }
}
