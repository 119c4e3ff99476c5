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

    /**
     * Whether it is derived for transitions that are Gaussian, so that it does not go with another {@link StepNoise}.
     * By default it is where it compares transitions.
     */
    default boolean needsGaussian() {
        return needsTransition();
    }

    /** The weights it keeps the policy near. */
    Set<WeightSet> weights();

    /**
     * Added to the loss: scalar, a mean over the samples of the micro-batch, already multiplied by its coefficient, with its graph. It grows with the distance
     * from {@link #weights}, and has no gradient where the policy is theirs.
     */
    NDArray penalty(Policy policy, Batch batch, Likelihood.Evaluation evaluation);
}
