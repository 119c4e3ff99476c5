package org.imagerl.toolkit.recipe.trust;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.List;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.UpdateSurvey;
import org.imagerl.toolkit.recipe.PerSample;

/**
 * KL-Cov (Cui et al., The Entropy Mechanism of Reinforcement Learning for Reasoning Language Models, 2025, arXiv
 * 2505.22617, as in the published code): no clip; the samples and steps of an update whose
 * {@code cov = (A - mean A) (l - mean l)} is highest are held back,
 *
 * <pre>
 * L = -A rho,   and + coefficient |l - l_old| for those
 * </pre>
 *
 * <p><b>What stands for a token.</b> A pair of sample and step, as for {@link ClipCov}, with the same reserve. The
 * published share (0.2 or 0.02 in percent) is below one pair of an update here, so that a count is given. The
 * coefficient 1 belongs to nats of tokens; l here is a mean over the elements of the latent. |l - l_old| is taken of
 * the log-ratio of the recipe, which with the ratio {@code importance} it is. Before the first update of an epoch it is
 * 0 and has no gradient.
 */
public final class KlCov implements TrustRegion {

    /**
     * Which pairs are held back.
     *
     * @param count pairs of an update; 0 is no trust region
     * @param coefficient of their distance, at least 0
     */
    public record Config(int count, double coefficient) {
        /** Checks the ranges. */
        public Config {
            if (count < 0 || !(coefficient >= 0)) {
                throw new IllegalArgumentException("count and coefficient must be at least 0");
            }
        }
    }

    private final Config config;

    public KlCov(Config config) {
        this.config = config;
    }

    @Override
    public Survey survey() {
        return this::marks;
    }

    private double[] marks(List<UpdateSurvey.Pair> pairs, long seed) {
        double[] marks = new double[pairs.size()];
        Arrays.fill(marks, Double.NaN);
        Arrays.stream(Covariances.descending(Covariances.of(pairs)))
                .limit(config.count)
                .forEach(place -> marks[place] = 1);
        return marks;
    }

    @Override
    public Surrogate surrogate(Pass pass) {
        NDArray loss = pass.advantages().neg().mul(pass.logRatio().exp());
        double[] marks = Marks.of(pass);
        if (marks == null) {
            return new Surrogate(loss, 0, 0, 0);
        }
        double[] weights = Marks.factors(marks, config.coefficient, 0);
        return new Surrogate(loss.add(pass.logRatio().abs().mul(PerSample.like(loss, weights))), 0, 0, 0);
    }
}
