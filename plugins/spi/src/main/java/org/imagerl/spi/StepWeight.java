package org.imagerl.spi;

/** Recipe part: how the steps of a trajectory are balanced. */
public interface StepWeight {

    /** The factor on the policy loss of a step. */
    double weight(Chain chain, int step);
}
