package org.imagerl.toolkit.recipe;

import ai.djl.ndarray.NDArray;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Penalty;
import org.imagerl.spi.Policy;
import org.imagerl.spi.UserException;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * KL divergence between the transitions of the current and the reference policy, which share their standard deviation S:
 * {@code coefficient mean_d (mu - mu_ref)^2 / (2 S^2)}, per element of the latent (the true KL divided by D).
 */
public final class KlMean implements Penalty {

    /** @param coefficient factor, above 0 */
    public record Config(double coefficient) {
        /** Checks the range. */
        public Config {
            if (!(coefficient > 0)) {
                throw new IllegalArgumentException("coefficient must be above 0");
            }
        }
    }

    private final Config config;

    public KlMean(Config config) {
        this.config = config;
    }

    @Override
    public NDArray penalty(Policy policy, Batch batch, Likelihood.Evaluation evaluation) {
        Likelihood.Transition transition = evaluation.transition();
        if (transition == null) {
            throw UserException.input(
                    "the penalty kl-mean compares transitions, but this likelihood has none; use another penalty");
        }
        NDArray reference =
                Gradients.off(() -> policy.mean(WeightSet.REFERENCE, transition.step(), batch.trajectories()));
        NDArray difference = transition.mean().sub(reference);
        double variance = transition.std() * transition.std();
        return Kernels.scale(difference.mul(difference).mean(), config.coefficient / (2 * variance));
    }
}
