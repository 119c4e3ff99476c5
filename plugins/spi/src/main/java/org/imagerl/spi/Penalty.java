package org.imagerl.spi;

import ai.djl.ndarray.NDArray;

/** Recipe part: what keeps the policy near the reference. */
public interface Penalty {

    /** Added to the loss: float32 scalar, already multiplied by its coefficient, with its graph. */
    NDArray penalty(Policy policy, Batch batch, Likelihood.Evaluation evaluation);
}
