package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDArray;
import org.imagerl.spi.Guidance;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * {@code n + s (p - n)}, n the output for the negative prompt and p that for the prompt (Ho, Salimans, Classifier-Free Diffusion Guidance, 2022, arXiv
 * 2207.12598, eq. 6 in the form of the published code).
 */
public final class ClassifierFreeGuidance implements Guidance {
    @Override
    public NDArray output(NDArray negative, NDArray positive, double scale) {
        return Kernels.combine(negative, 1 - scale, positive, scale);
    }
}
