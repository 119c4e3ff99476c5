package org.imagerl.spi;

/** Recipe part: how the steps of a trajectory are balanced. */
public interface StepWeight {

    /** Whether it tells steps apart, so that it goes only with a likelihood that has transitions. */
    default boolean needsTransition() {
        return true;
    }

    /** The factor on the policy loss of a step, at least 0. */
    double weight(TransitionKernel kernel, int step);
}
