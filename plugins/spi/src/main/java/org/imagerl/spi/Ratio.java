package org.imagerl.spi;

import ai.djl.ndarray.NDArray;

/** Recipe part: what is compared with the old policy. */
public interface Ratio {

    /**
     * Whether it compares the means of transitions rather than densities: then it goes only with a likelihood that has transitions, and their
     * noise is stored.
     */
    default boolean needsTransition() {
        return false;
    }

    /**
     * Whether it is derived for transitions that are Gaussian, so that it does not go with another {@link StepNoise}.
     * By default it is where it compares transitions.
     */
    default boolean needsGaussian() {
        return needsTransition();
    }

    /**
     * How many updates may be made with one rollout. A ratio that compares with the policy that sampled corrects for
     * its distance: it can be used again. One that does not is right only as long as the weights are those that
     * sampled: for 1. A configuration with more is refused.
     */
    default int updates() {
        return Integer.MAX_VALUE;
    }

    /**
     * Log of the ratio, {@code [B]} in the dtype of the log-densities, zero where current and old policy agree, where
     * it grows with the log-density; with its graph.
     */
    NDArray logRatio(Likelihood.Evaluation evaluation);
}
