package org.imagerl.spi;

import ai.djl.ndarray.NDArray;
import java.util.Set;

/** Recipe part: what keeps the policy near other weights. */
public interface Penalty {

    /** Whether it compares transitions, so that it goes only with a likelihood that has them. */
    boolean needsTransition();

    /** Whether it looks at the noise of sampled steps, which then is stored. */
    default boolean needsNoise() {
        return false;
    }

    /** The weights it keeps the policy near. */
    Set<WeightSet> weights();

    /** Added to the loss: scalar, already multiplied by its coefficient, with its graph. */
    NDArray penalty(Policy policy, Batch batch, Likelihood.Evaluation evaluation);
}
