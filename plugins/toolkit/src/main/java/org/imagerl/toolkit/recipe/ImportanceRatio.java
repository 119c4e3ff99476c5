package org.imagerl.toolkit.recipe;

import ai.djl.ndarray.NDArray;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Ratio;

/** {@code rho = exp(l - l_old)}, the importance ratio of PPO (Schulman et al., 2017, arXiv 1707.06347, section 3). */
public final class ImportanceRatio implements Ratio {

    @Override
    public NDArray logRatio(Likelihood.Evaluation evaluation) {
        return evaluation.logDensity().sub(evaluation.oldLogDensity());
    }
}
