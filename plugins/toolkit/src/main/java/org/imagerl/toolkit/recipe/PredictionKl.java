package org.imagerl.toolkit.recipe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Set;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.Batch;
import org.imagerl.spi.CoefficientSchedule;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Penalty;
import org.imagerl.spi.Policy;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * Distance between the denoiser's outputs with the current weights and with other weights for the same noisy latents:
 * {@code coefficient mean w(t) mean_d (v - v_other)^2}. It needs no transitions (Xue et al., Advantage Weighted
 * Matching, 2025, arXiv 2509.25050, section 4, as in the published code); with them it is Flow-Factory's velocity-based
 * KL. {@code kl-prediction} compares with the weights before training, {@code kl-ema} with their moving average, as a
 * soft trust region.
 */
public final class PredictionKl implements Penalty {

    /** w(t). */
    public enum Weighting {
        /** 1. */
        UNIFORM,
        /**
         * {@code (1 - min(t, 0.99)) / (2 0.7^2 t)}: that of a path of Flow-GRPO's SDE with noise 0.7, which at t = 1 would be 0 without the clamp of
         * the published code. Ours alone is that t is no smaller than 0.01 in the denominator.
         */
        ELBO
    }

    /**
     * How strong.
     *
     * @param coefficient factor, above 0
     * @param schedule how it moves over the run; null is constant
     * @param weighting over the times of the latents
     * @param error what is compared
     */
    public record Config(
            double coefficient, @Nullable CoefficientSchedule schedule, Weighting weighting, PredictionError error) {
        /** Checks the range. */
        public Config {
            if (!(coefficient > 0)) {
                throw new IllegalArgumentException("coefficient must be above 0");
            }
        }
    }

    private static final double ELBO_NOISE = 0.7;
    private static final double SMALLEST_TIME = 0.01;
    private static final double LARGEST_TIME = 0.99;

    private final Config config;
    private final WeightSet other;

    private PredictionKl(Config config, WeightSet other) {
        this.config = config;
        this.other = other;
    }

    /** {@code kl-prediction}. */
    public static PredictionKl toReference(Config config) {
        return new PredictionKl(config, WeightSet.REFERENCE);
    }

    /** {@code kl-ema}. */
    public static PredictionKl toTrailing(Config config) {
        return new PredictionKl(config, WeightSet.EMA);
    }

    @Override
    public boolean needsTransition() {
        return false;
    }

    @Override
    public Set<WeightSet> weights() {
        return Set.of(other);
    }

    @Override
    public NDArray penalty(Policy policy, Batch batch, Likelihood.Evaluation evaluation) {
        Likelihood.Prediction here = evaluation.prediction();
        NDArray there =
                Gradients.off(() -> policy.output(other, here.latents(), here.timesteps(), batch.trajectories()));
        NDArray difference = here.output().sub(there);
        NDArray distance = Kernels.meanPerSample(difference.mul(difference));
        double[] weights = new double[here.timesteps().length];
        for (int i = 0; i < weights.length; i++) {
            AlphaSigma noising = policy.schedule().at(here.timesteps()[i]);
            weights[i] = config.error.weight(noising) * weight(noising.time());
        }
        NDArray weighted = distance.mul(PerSample.of(distance, DataType.FLOAT32, weights));
        return Kernels.scale(
                weighted.mean(), CoefficientSchedule.at(config.schedule, config.coefficient, batch.progress()));
    }

    private double weight(double time) {
        double t = Math.max(time, SMALLEST_TIME);
        double clean = 1 - Math.min(t, LARGEST_TIME);
        return config.weighting == Weighting.UNIFORM ? 1 : clean / (2 * ELBO_NOISE * ELBO_NOISE * t);
    }
}
