package org.imagerl.ctrl.classifier;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.imagerl.ctrl.Tiny;
import org.imagerl.ctrl.data.LabelledImages;
import org.imagerl.ctrl.data.Labels;
import org.imagerl.images.PngWriter;

/** Dark, grey and light images, and a classifier that tells them apart. */
public final class TinyClassifier {
    /** Grey levels of the classes. */
    private static final int[] LEVELS = {60, 128, 196};

    private static final int EACH = 32;

    /** By the size of the images. */
    private static final Map<Integer, List<byte[]>> DRAWN = new ConcurrentHashMap<>();

    private TinyClassifier() {}

    /** Grey level of a class. */
    static int level(int klass) {
        return LEVELS[klass];
    }

    /** Draws 32 images of each class and trains for a few epochs; gives the classifier's folder. */
    public static Path train(Path folder, int size, int epochs) {
        draw(folder, size);
        Path target = folder.resolve("classifier");
        makeFolder(target);
        new ClassifierTraining(config(size, epochs), Tiny.context(folder))
                .run(target, (stage, done, total, detail) -> {});
        return target;
    }

    private static void makeFolder(Path target) {
        try {
            Files.createDirectories(target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Images in a folder per class, and all together in {@code images-all}; those that are there already are left. */
    static void draw(Path folder, int size) {
        try {
            Path all = folder.resolve("images-all");
            if (Files.exists(all)) {
                return;
            }
            Files.createDirectories(all);
            List<byte[]> images = DRAWN.computeIfAbsent(size, TinyClassifier::drawn);
            for (int k = 0; k < LEVELS.length; k++) {
                Path of = Files.createDirectories(folder.resolve("images/" + k));
                for (int i = 0; i < EACH; i++) {
                    byte[] image = images.get(EACH * k + i);
                    Files.write(of.resolve(i + ".png"), image);
                    Files.write(all.resolve(k + "-" + i + ".png"), image);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The files of all classes. */
    private static List<byte[]> drawn(int size) {
        return IntStream.range(0, LEVELS.length * EACH)
                .mapToObj(i -> {
                    int k = i / EACH;
                    int n = i % EACH;
                    return PngWriter.encode(Tiny.image(size, size, LEVELS[k] - 15 + n, 100L * k + n), Map.of());
                })
                .toList();
    }

    static ClassifierConfig config(int size, int epochs) {
        LabelledImages.Source source =
                new LabelledImages.Source("images", List.of(new Labels.Folders("shade")), 1, size, size);
        return new ClassifierConfig(source, 1, 8, null, InputTransform.PIXELS, null, 0.25, epochs, epochs, 16, 1e-2, 0);
    }
}
