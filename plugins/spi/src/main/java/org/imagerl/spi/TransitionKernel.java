package org.imagerl.spi;

import ai.djl.ndarray.NDArray;

/**
 * The Markov chain of one sampler: from state {@code i} the next state is Gaussian with mean {@link #mean} and standard
 * deviation {@link #std} in every element. State 0 is pure noise, state {@link #steps} the finished latent.
 */
public interface TransitionKernel {

    /** Number of transitions. */
    int steps();

    /** What the denoiser is given as time at a step, in its own unit. */
    double timestep(int step);

    /** Standard deviation of the transition, per element; 0 where it is deterministic. */
    double std(int step);

    /** Derivative of the mean by the denoiser's output, per element; both are linear in each other unless samples are clipped. */
    double meanPerOutput(int step);

    /** Length of the step in the time of the family, of which the whole way from noise to image is 1: t - t' of a flow. */
    double stepSize(int step);

    /**
     * The factor that gives the steps the same weight in the gradient of a ratio whose logarithm is linear in the mean (GRPO-Guard's): the
     * mean moves by {@link #meanPerOutput} per unit of output, so by default its inverse.
     */
    default double ratioNormFactor(int step) {
        return 1 / Math.abs(meanPerOutput(step));
    }

    /** Whether the mean is cut off somewhere, so that it is not linear in latents and output together. */
    default boolean clips() {
        return false;
    }

    /**
     * Mean of the next state; differentiable in {@code output}.
     *
     * @param latents float32 {@code [B, c, h, w]}, the state before the step
     * @param output float32 {@code [B, c, h, w]}, what the denoiser returned (after guidance)
     * @return float32 {@code [B, c, h, w]}
     */
    NDArray mean(int step, NDArray latents, NDArray output);
}
