package org.imagerl.tests.recipe;

import org.imagerl.spi.StepNoise;
import org.imagerl.testkit.StepNoiseContract;

/** A distribution that a plugin could add. */
class LaplaceNoiseTest extends StepNoiseContract {
    @Override
    protected StepNoise create() {
        return new LaplaceNoise();
    }
}
