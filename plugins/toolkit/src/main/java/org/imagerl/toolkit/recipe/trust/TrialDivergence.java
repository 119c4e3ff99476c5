package org.imagerl.toolkit.recipe.trust;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.List;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.UpdateSurvey;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.recipe.PerSample;

/**
 * After CAPO (Melo, Abate, Gal, Stabilizing Policy Gradients for Sample-Efficient Reinforcement Learning in LLM
 * Reasoning, 2025, arXiv 2510.00819): what an update would move too far is left out of it. Before an update the
 * optimiser makes its step on trial, which is taken back; with mu the mean of a sample's step under the present weights
 * and mu' under those of the trial,
 *
 * <pre>
 * m_F = mean_d (mu' - mu)^2 / (2 S^2)
 * L = -A rho,   0 where m_F &gt;= threshold
 * </pre>
 *
 * <p><b>Departures.</b> CAPO models the step that each token's own gradient would make on the last linear layer,
 * preconditioned as the optimiser does, and its quadratic form with the Fisher matrix; it has a second mask by the
 * predicted gain m_H, which is left out. That closed form is not here: the last layer of a denoiser is not trained with
 * LoRA unless {@code targets} name it, so that a step on it says nothing about the update that is made, and no pipeline
 * hands out its input. Here m_F is not predicted but measured, as the exact KL divergence per element of the latent, of
 * the step that the whole update makes with all trained weights: an image is left out where the update as a whole moves
 * it far, whether or not it is the cause. The published thresholds (1e-4 and 1e-3 for m_F) belong to tokens; the
 * default is that of Flow-DPPO for the same divergence (1e-5).
 */
public final class TrialDivergence implements TrustRegion {

    /** @param threshold of m_F, per element of the latent; 0 leaves everything out */
    public record Config(double threshold) {
        /** Checks the range. */
        public Config {
            if (!(threshold >= 0)) {
                throw new IllegalArgumentException("threshold must be at least 0");
            }
        }
    }

    private final Config config;

    public TrialDivergence(Config config) {
        this.config = config;
    }

    @Override
    public Survey survey() {
        return new Survey() {
            @Override
            public WeightSet compared() {
                return WeightSet.TRIAL;
            }

            @Override
            public double[] marks(List<UpdateSurvey.Pair> pairs, long seed) {
                return pairs.stream()
                        .mapToDouble(pair -> pair.divergence() >= config.threshold ? 1 : Double.NaN)
                        .toArray();
            }
        };
    }

    /** The divergence is that of Gaussians. */
    @Override
    public boolean needsGaussian() {
        return true;
    }

    @Override
    public Surrogate surrogate(Pass pass) {
        NDArray loss = pass.advantages().neg().mul(pass.logRatio().exp());
        double[] marks = Marks.of(pass);
        if (marks == null) {
            return new Surrogate(loss, 0, 0, 0);
        }
        double[] kept = Marks.factors(marks, 0, 1);
        double stopped = 1 - Arrays.stream(kept).sum() / kept.length;
        return new Surrogate(loss.mul(PerSample.like(loss, kept)), stopped, 0, 0);
    }
}
