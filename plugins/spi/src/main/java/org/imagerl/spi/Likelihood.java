package org.imagerl.spi;

import ai.djl.ndarray.NDArray;
import java.util.Set;
import org.imagerl.spi.metric.Metrics;
import org.jspecify.annotations.Nullable;

/** Recipe part: what log pi(sample) means. */
public interface Likelihood {

    /**
     * One evaluation.
     *
     * @param logDensity float32 or float64 {@code [B]} under the current policy, with its graph; per element of the latent
     * @param oldLogDensity like it, under the policy that sampled, a constant
     * @param prediction the denoiser's call that it was computed from
     * @param transition the transition it was computed from; null for likelihoods that have none
     * @param metrics numbers of its own for the log
     */
    record Evaluation(
            NDArray logDensity,
            NDArray oldLogDensity,
            Prediction prediction,
            @Nullable Transition transition,
            Metrics metrics) {}

    /**
     * A call of the denoiser under the current policy.
     *
     * @param latents float32 {@code [B, c, h, w]}, a constant
     * @param timesteps a time per sample, in the denoiser's unit
     * @param output float32 {@code [B, c, h, w]}, after guidance, with its graph
     */
    record Prediction(NDArray latents, double[] timesteps, NDArray output) {}

    /**
     * A transition under the current policy.
     *
     * @param step index in the chain
     * @param mean float32 {@code [B, c, h, w]} with its graph
     * @param std standard deviation per element
     * @param next float32 {@code [B, c, h, w]}, the state that was sampled, a constant
     * @param noise float32 {@code [B, c, h, w]}, {@link Trajectories#noise}, a constant; null where it was not stored
     */
    record Transition(
            int step,
            NDArray mean,
            double std,
            NDArray next,
            @Nullable NDArray noise) {}

    /** Whether it is the density of transitions, so that these must have noise. If not, its evaluations have no {@link Transition}. */
    boolean needsDensity();

    /** Whether it is derived for transitions that are Gaussian, so that it does not go with another {@link StepNoise}. By default it is not. */
    default boolean needsGaussian() {
        return false;
    }

    /** The weights that must be kept for it beside the current ones. */
    default Set<WeightSet> weights() {
        return Set.of();
    }

    /**
     * Makes sure that it fits rollouts of so many steps.
     *
     * @throws UserException if it does not, with the reason
     */
    default void check(int steps) {}

    /** Number of evaluations for one micro-batch. */
    int passes(Batch batch);

    /** Evaluates one pass. */
    Evaluation evaluate(Policy policy, Batch batch, int pass);
}
