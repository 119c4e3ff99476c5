package org.imagerl.samples.parts;

import org.imagerl.spi.StepWeight;
import org.imagerl.spi.TransitionKernel;

/** Steps count the more, the nearer they are to the image: 0 at the first, up to 2 at the last, 1 on average. */
final class LaterSteps implements StepWeight {
    @Override
    public double weight(TransitionKernel kernel, int step) {
        return kernel.steps() == 1 ? 1 : 2.0 * step / (kernel.steps() - 1);
    }
}
