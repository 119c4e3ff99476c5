package org.imagerl.flow.guard;

import ai.djl.ndarray.NDArray;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Ratio;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.recipe.TransitionLikelihood;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * GRPO-Guard's RatioNorm (Wang et al., 2025, arXiv 2510.22319, section 4.1, as in the published code). With the sampled x' = mu_old + S z and
 * dmu = mu_theta - mu_old the plain log-ratio is {@code mean_d[dmu z] / S - mean_d[dmu^2] / (2 S^2)}: its expectation is below 0 and its spread depends on
 * the step, so that a clip around 1 stops the one side more than the other. Without the second term, and times S,
 *
 * <pre>
 * log rho = S (log ratio + mean_d[dmu^2] / (2 S^2)) = mean_d[dmu z]
 * </pre>
 *
 * has expectation 0 and no S left. It is computed from the right-hand side and the stored noise z, per sample; the published script averages dmu^2
 * over the whole batch, an accident of its indices.
 */
public final class NormalisedRatio implements Ratio {

    @Override
    public boolean needsTransition() {
        return true;
    }

    @Override
    public NDArray logRatio(Likelihood.Evaluation evaluation) {
        Likelihood.Transition transition = evaluation.transition();
        NDArray z = transition == null ? null : transition.noise();
        if (transition == null || z == null) {
            throw UserException.input(
                    "the ratio normalised compares the means of transitions with the noise of rollouts, and this likelihood has none");
        }
        NDArray left = TransitionLikelihood.noise(transition.next(), transition.mean(), transition.std());
        // x' = mu_old + S z = mu_theta + S left, so dmu = S (z - left).
        return Kernels.scale(Kernels.meanPerSample(z.sub(left).mul(z)), transition.std());
    }
}
