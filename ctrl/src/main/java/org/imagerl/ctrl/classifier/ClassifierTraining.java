package org.imagerl.ctrl.classifier;

import ai.djl.ndarray.NDManager;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.imagerl.ctrl.data.Fingerprint;
import org.imagerl.ctrl.data.LabelledImages;
import org.imagerl.spi.Context;
import org.imagerl.spi.Features;
import org.imagerl.spi.PartConfig;
import org.imagerl.spi.Pretraining;
import org.imagerl.spi.Progress;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.toolkit.tensor.Devices;
import org.jspecify.annotations.Nullable;

/**
 * Fits a classifier by cross-entropy, summed over controls; keeps the weights of the lowest loss on held-out images, stops when it has not
 * fallen for some epochs, and sets the temperatures on the held-out images.
 */
final class ClassifierTraining implements Pretraining {
    /** The file with the hash of the images and labels of the training. */
    private static final String BEGUN = "data.sha256";

    private final ClassifierConfig config;
    private final Context context;

    ClassifierTraining(ClassifierConfig config, Context context) {
        this.config = config;
        this.context = context;
    }

    @Override
    public void run(Path folder, Progress progress) {
        boolean finished = Files.exists(folder.resolve(ClassifierFolder.MANIFEST));
        if (finished
                && !Files.isDirectory(context.folder().resolve(config.data().folder()))) {
            return; // the images are no longer needed
        }
        String fingerprint = Fingerprint.of(config.data(), context);
        requireAsBegun(folder, fingerprint);
        if (finished) {
            return;
        }
        List<String> lines = new ArrayList<>();
        LabelledImages data = LabelledImages.read(config.data(), config.seed(), context, lines::add);
        Split split = Split.of(data, config);
        ClassifierInput inputs = inputs(data, split, folder, progress);
        if (inputs == null) {
            return; // stopped
        }
        AtomicFile.write(folder.resolve(BEGUN), line(fingerprint));
        try (NDManager manager =
                        NDManager.newBaseManager(Devices.choose(context.device(), context.warnings()), "PyTorch");
                ClassifierRun run = new ClassifierRun(config, folder, data, split, inputs, manager)) {
            if (run.train(progress)) {
                run.finish(lines);
            }
        }
    }

    private static void requireAsBegun(Path folder, String fingerprint) {
        Path begun = folder.resolve(BEGUN);
        if (Files.exists(begun) && !Arrays.equals(BoundedFile.read(begun, 1000), line(fingerprint))) {
            throw UserException.input(
                    begun + ": the training was begun with other images or labels; put those back, name"
                            + " another folder, or delete " + folder + " to begin again");
        }
    }

    private static byte[] line(String text) {
        return (text + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private @Nullable ClassifierInput inputs(LabelledImages data, Split split, Path folder, Progress progress) {
        LabelledImages.Source source = config.data();
        PartConfig<Features> features = config.features();
        return features == null
                ? new ClassifierInput.Whole(data, source, config.residual())
                : PrecomputedFeatures.compute(features, data, source, split, folder, context, progress);
    }
}
