package org.imagerl.toolkit.recipe;

import org.imagerl.spi.StepNoise;
import org.imagerl.testkit.StepNoiseContract;

class GaussianNoiseTest extends StepNoiseContract {
    @Override
    protected StepNoise create() {
        return new GaussianNoise();
    }
}
