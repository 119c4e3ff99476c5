package org.imagerl.spi;

import ai.djl.ndarray.NDArray;

/** Recipe part: what is compared with the old policy. */
public interface Ratio {

    /** Log of the ratio, float32 {@code [B]}, zero where current and old policy agree; with its graph. */
    NDArray logRatio(Likelihood.Evaluation evaluation);
}
