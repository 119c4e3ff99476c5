package org.imagerl.toolkit.recipe;

import org.imagerl.spi.TrustRegion;

/** No trust region: {@code -A rho}. */
public final class Unclipped implements TrustRegion {

    @Override
    public Surrogate surrogate(Pass pass) {
        return new Surrogate(pass.advantages().neg().mul(pass.logRatio().exp()), 0, 0, 0);
    }
}
