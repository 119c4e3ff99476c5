package org.imagerl.samples.parts;

import ai.djl.ndarray.NDArray;
import org.imagerl.spi.Guidance;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * Classifier-free guidance while the composition of an image is made, and none for its details.
 *
 * @param until guides while the share of the noise is above this, 0 to 1
 */
record EarlyGuidance(double until) implements Guidance {
    @Override
    public boolean guides(double time) {
        return time > until;
    }

    @Override
    public NDArray output(NDArray negative, NDArray positive, double scale) {
        return Kernels.combine(positive, scale, negative, 1 - scale);
    }
}
