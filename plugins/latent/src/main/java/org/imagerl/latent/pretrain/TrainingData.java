package org.imagerl.latent.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.imagerl.spi.Context;
import org.imagerl.spi.RgbImage;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.tensor.ImageTensors;
import org.imagerl.toolkit.tensor.Kernels;

/** Batches of an image source, each drawn with replacement from its own random stream. */
final class TrainingData {
    private final ImageSource source;
    private final RandomStreams random;

    TrainingData(PretrainPlan plan, Context context) {
        String folder = plan.data().folder();
        source = folder == null
                ? new WordImages(plan)
                : new FolderImages(
                        context.folder().resolve(folder),
                        plan.width(),
                        plan.height(),
                        plan.data().exifOrientation(),
                        context.warnings());
        random = new RandomStreams(plan.seed());
    }

    /** The images of one step. */
    List<ImageSource.Captioned> batch(String stage, long step, int size) {
        SplittableRandom stream = random.stream("data." + stage, step);
        List<ImageSource.Captioned> batch = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            batch.add(source.get(stream.nextInt(source.size())));
        }
        return batch;
    }

    /** Float32 {@code [B, 3, H, W]} in -1..1. */
    static NDArray pixels(NDManager manager, List<ImageSource.Captioned> batch) {
        List<RgbImage> images = batch.stream().map(ImageSource.Captioned::image).toList();
        return Kernels.shift(Kernels.scale(ImageTensors.toTensor(manager, images), 2), -1);
    }

    /** Standard normal numbers of one step. */
    NDArray noise(NDManager manager, String stage, long step, Shape shape) {
        return Kernels.randn(manager, random.seed("noise." + stage, step), shape);
    }

    /** Other random choices of one step. */
    SplittableRandom choices(String stage, long step) {
        return random.stream("choices." + stage, step);
    }
}
