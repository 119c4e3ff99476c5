package org.imagerl.spi;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The chain of one sampler: from state {@code i} the next state has mean {@link #mean} and standard
 * deviation {@link #std} in every element, and is Gaussian unless {@link #noise} says otherwise. State 0 is pure noise, state {@link #steps} the finished latent.
 *
 * <p>A multistep rule uses what earlier steps computed. It has no noise and no {@link #mean} of one step alone; it is walked by {@link #advance},
 * as every kernel is.
 */
public interface TransitionKernel {

    /** Number of transitions. */
    int steps();

    /** The time that the denoiser gets at a step, in its own unit. */
    double timestep(int step);

    /** Standard deviation of the transition, per element; 0 where it is deterministic. */
    double std(int step);

    /** The distribution of the noise of steps; null is Gaussian. */
    default @Nullable StepNoise noise() {
        return null;
    }

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

    /** Whether each step is a transition of its own, so that it has a {@link #mean}; rules with a history have none. */
    default boolean isMarkov() {
        return true;
    }

    /**
     * The clean latents that the denoiser predicts at a step. Samplers with noise have them.
     *
     * @param latents float32 {@code [B, c, h, w]}, the state before the step
     * @param output float32 {@code [B, c, h, w]}, what the denoiser returned (after guidance)
     * @return float32 {@code [B, c, h, w]}, not clipped
     */
    default NDArray clean(int step, NDArray latents, NDArray output) {
        throw new UnsupportedOperationException("this sampler does not say what its steps predict");
    }

    /**
     * Mean of the next state; differentiable in {@code output}.
     *
     * @param latents float32 {@code [B, c, h, w]}, the state before the step
     * @param output float32 {@code [B, c, h, w]}, what the denoiser returned (after guidance)
     * @return float32 {@code [B, c, h, w]}
     */
    NDArray mean(int step, NDArray latents, NDArray output);

    /**
     * One step of a walk. What a rule remembers it gets back at the next step; a walk that begins anywhere begins without memories.
     *
     * @param latents float32 {@code [B, c, h, w]}, the state before the step
     * @param output float32 {@code [B, c, h, w]}, what the denoiser returned (after guidance)
     * @param history what the step before left, each float32 {@code [B, c, h, w]}; empty at the beginning of a walk
     */
    default Advance advance(int step, NDArray latents, NDArray output, List<NDArray> history) {
        return new Advance(mean(step, latents, output), List.of());
    }

    /**
     * The end of a step.
     *
     * @param mean float32 {@code [B, c, h, w]}, of the next state
     * @param history what the next step gets, each float32 {@code [B, c, h, w]}
     */
    record Advance(NDArray mean, List<NDArray> history) {
        /** Keeps its own copy of the list. */
        public Advance {
            history = List.copyOf(history);
        }
    }

    /** Standard deviation of state 0, the pure noise; a little below 1 where the grid begins below the noisiest timestep. */
    default double startStd() {
        return 1;
    }

    /**
     * The coefficients of the state before a step: with them a walk can begin at that step from a noised image.
     *
     * @throws UserException if walks of this kind begin with pure noise only
     */
    default Mixture mixture(int step) {
        throw UserException.input("these dynamics cannot begin at an image; take ddim, ode or another that can");
    }
}
