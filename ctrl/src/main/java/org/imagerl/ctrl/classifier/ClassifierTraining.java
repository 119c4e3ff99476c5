package org.imagerl.ctrl.classifier;

import ai.djl.ndarray.NDManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.ctrl.data.LabelledPictures;
import org.imagerl.spi.Configured;
import org.imagerl.spi.Context;
import org.imagerl.spi.Features;
import org.imagerl.spi.Pretraining;
import org.imagerl.spi.Progress;
import org.imagerl.toolkit.tensor.Devices;
import org.jspecify.annotations.Nullable;

/**
 * Fits a classifier by cross-entropy, summed over controls; keeps the weights of the lowest loss on held-out pictures, stops when it has not
 * fallen for some epochs, and sets the temperatures on the held-out pictures.
 */
final class ClassifierTraining implements Pretraining {
    private final ClassifierConfig config;
    private final Context context;

    ClassifierTraining(ClassifierConfig config, Context context) {
        this.config = config;
        this.context = context;
    }

    @Override
    public void run(Path folder, Progress progress) {
        if (Files.exists(folder.resolve(ClassifierFolder.MANIFEST))) {
            return; // finished
        }
        List<String> lines = new ArrayList<>();
        LabelledPictures data = LabelledPictures.read(config.data(), config.seed(), context, lines::add);
        Split split = Split.of(data, config);
        Sight sight = sight(data, split, folder, progress);
        if (sight == null) {
            return; // stopped
        }
        try (NDManager manager =
                        NDManager.newBaseManager(Devices.choose(context.device(), context.warnings()), "PyTorch");
                ClassifierRun run = new ClassifierRun(config, folder, data, split, sight, manager)) {
            if (run.train(progress)) {
                run.finish(lines);
            }
        }
    }

    private @Nullable Sight sight(LabelledPictures data, Split split, Path folder, Progress progress) {
        LabelledPictures.Source source = config.data();
        Configured<Features> features = config.features();
        return features == null
                ? new Sight.Whole(data, source, config.residual())
                : VectorSight.compute(features, data, source, split, folder, context, progress);
    }
}
