package org.imagerl.samples.parts;

import ai.djl.ndarray.NDArray;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Ratio;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * A power of the importance ratio: below 1, samples that have become much more likely count less than by the ratio itself.
 *
 * @param power 1 is the importance ratio
 */
record TemperedRatio(double power) implements Ratio {
    @Override
    public NDArray logRatio(Likelihood.Evaluation evaluation) {
        return Kernels.scale(evaluation.logDensity().sub(evaluation.oldLogDensity()), power);
    }
}
