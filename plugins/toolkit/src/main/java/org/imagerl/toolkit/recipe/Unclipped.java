package org.imagerl.toolkit.recipe;

import ai.djl.ndarray.NDArray;
import org.imagerl.spi.TrustRegion;

/** No trust region: {@code -A rho}. */
public final class Unclipped implements TrustRegion {

    @Override
    public Surrogate surrogate(NDArray logRatio, NDArray advantages, long elements) {
        return new Surrogate(advantages.neg().mul(logRatio.exp()), 0, 0, 0);
    }
}
