package org.imagerl.ctrl.classifier;

import org.imagerl.ctrl.data.LabelledImages;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Pretraining;

/** Makes {@code control-classifier} trainings. */
public final class ClassifierFactory implements Factory<Pretraining, ClassifierConfig> {

    @Override
    public String name() {
        return "control-classifier";
    }

    @Override
    public String description() {
        return "a small classifier of labelled images, for a control";
    }

    @Override
    public ClassifierConfig defaults() {
        return new ClassifierConfig(
                LabelledImages.Source.defaults(), 0, 16, null, InputTransform.PIXELS, null, 0.2, 40, 6, 64, 2e-3, 1e-2);
    }

    @Override
    public Pretraining create(ClassifierConfig config, Context context) {
        return new ClassifierTraining(config, context);
    }
}
