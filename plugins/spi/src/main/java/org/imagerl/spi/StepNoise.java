package org.imagerl.spi;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * Part of rollouts: the distribution of the noise of steps. The next state of a step is {@code mean + std z}, where the elements of z are independent,
 * with mean 0 and variance 1, whatever their distribution. A policy gradient with the ratio {@code importance} is right for any that has a density with
 * a gradient; parts that are derived for Gaussians say so ({@link Penalty#needsGaussian} and the others of this name), and are refused beside another.
 */
public interface StepNoise {

    /** Whether z is standard normal. */
    default boolean isGaussian() {
        return false;
    }

    /**
     * Draws z; the same seed gives the same numbers on any machine, whatever else is drawn.
     *
     * @param seed of the sample and step
     * @param shape {@code [1, c, h, w]}
     * @return float32 {@code [1, c, h, w]}, on the manager's device
     */
    NDArray draw(NDManager manager, long seed, Shape shape);

    /**
     * Mean over the elements of the log-density of the next state. Rollout and training both use it, so that the ratio is 1 before the first update.
     *
     * @param next float32 {@code [B, c, h, w]}, the sampled state
     * @param mean float32 {@code [B, c, h, w]}, with its graph
     * @param std standard deviation per element, above 0
     * @return float32 {@code [B]}, differentiable in {@code mean}
     */
    NDArray logDensity(NDArray next, NDArray mean, double std);
}
