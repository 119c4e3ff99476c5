package org.imagerl.toolkit.recipe;

import ai.djl.ndarray.NDArray;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Ratio;

/**
 * No comparison: {@code rho = exp(l - sg[l])} is always 1 and its gradient is that of the log-density, which makes the surrogate
 * REINFORCE (Williams, Simple statistical gradient-following algorithms, 1992). After a
 * further update the rollouts are those of other weights, and nothing here would correct that, nor show it: the logged ratio would still be 1.
 */
public final class ScoreFunction implements Ratio {

    @Override
    public int updates() {
        return 1;
    }

    @Override
    public NDArray logRatio(Likelihood.Evaluation evaluation) {
        return evaluation.logDensity().sub(evaluation.logDensity().stopGradient());
    }
}
