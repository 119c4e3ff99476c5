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

    /** Log of the ratio, {@code [B]} in the dtype of the log-densities, zero where current and old policy agree; with its graph. */
    NDArray logRatio(Likelihood.Evaluation evaluation);
}
