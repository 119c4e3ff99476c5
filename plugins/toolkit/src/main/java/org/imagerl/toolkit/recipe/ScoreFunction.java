package org.imagerl.toolkit.recipe;

import ai.djl.ndarray.NDArray;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Ratio;

/**
 * No comparison: {@code rho = exp(l - sg[l])} is always 1 and its gradient is that of the log-density, which makes the surrogate
 * REINFORCE (Williams, Simple statistical gradient-following algorithms, 1992). Right only for the first update after a rollout.
 */
public final class ScoreFunction implements Ratio {

    @Override
    public NDArray logRatio(Likelihood.Evaluation evaluation) {
        return evaluation.logDensity().sub(evaluation.logDensity().stopGradient());
    }
}
