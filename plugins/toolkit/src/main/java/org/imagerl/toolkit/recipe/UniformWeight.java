package org.imagerl.toolkit.recipe;

import org.imagerl.spi.StepWeight;
import org.imagerl.spi.TransitionKernel;

/** Every step counts the same. */
public final class UniformWeight implements StepWeight {

    @Override
    public boolean needsTransition() {
        return false;
    }

    @Override
    public double weight(TransitionKernel kernel, int step) {
        return 1;
    }
}
