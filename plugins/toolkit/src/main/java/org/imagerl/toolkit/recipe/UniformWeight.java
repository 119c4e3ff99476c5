package org.imagerl.toolkit.recipe;

import org.imagerl.spi.Chain;
import org.imagerl.spi.StepWeight;

/** Every step counts the same. */
public final class UniformWeight implements StepWeight {

    @Override
    public boolean needsTransition() {
        return false;
    }

    @Override
    public double weight(Chain chain, int step) {
        return 1;
    }
}
