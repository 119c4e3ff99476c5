package org.imagerl.spi;

import java.util.List;

/**
 * A look at a whole update before its gradients: what depends on quantiles or covariances over all samples and steps. It costs a call of the denoiser per sample and
 * step, without gradients, before every update.
 */
public interface UpdateSurvey {

    /**
     * A sample at a step.
     *
     * @param sample of the epoch
     * @param step of the chain
     * @param logDensity of the noise that leads from the mean under the live weights to the sampled next state, per
     *     element of the latent: that of the state plus ln S, S the standard deviation of the step, so that steps
     *     compare. It is the same whatever the likelihood of the recipe calls a density
     * @param logRatio log of the ratio to the behaviour policy
     * @param advantage clamped and scaled
     * @param otherLogDensity as {@code logDensity} under other weights that the survey compares with; NaN if it does
     *     not
     * @param divergence KL divergence of the transition under the live weights from that under the other ones, per
     *     element: {@code mean_d (mu - mu_other)^2 / (2 S^2)}; NaN if nothing is compared
     */
    record Pair(
            int sample,
            int step,
            double logDensity,
            double logRatio,
            double advantage,
            double otherLogDensity,
            double divergence) {}

    /** Whether it compares with {@link WeightSet#TRIAL}, so that the update is made on trial first. */
    default boolean trial() {
        return false;
    }

    /** Calls of the denoiser for each pair. */
    int calls();

    /** The pairs of one pass of a micro-batch. Called with gradients off, by several threads at a time. */
    List<Pair> observe(Policy policy, Batch batch, int pass);

    /**
     * The mark of each pair, which the passes of the update get as {@link TrustRegion.Pass#marks}.
     *
     * @param pairs of the whole update, by sample and step, however it is cut into micro-batches
     * @param seed of the update's random streams
     * @return a number per pair, whose meaning is up to who gives it; NaN is none
     */
    double[] marks(List<Pair> pairs, long seed);
}
