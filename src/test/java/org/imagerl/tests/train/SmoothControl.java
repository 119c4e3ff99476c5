package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.RgbImage;
import org.imagerl.tests.Said;

/** A control with two classes, noisy and smooth: images of 32 x 32, a classifier trained on them, runs towards it. */
final class SmoothControl {
    private static final String[] CONTROLLED = {
        "augmentation={type: control, controls: [{name: smooth, classes: 2}]}",
        "tuning.targets=[to_q, to_v]",
        "evaluation={prompts: held-out.txt, samples_per_prompt: 1}",
        "evaluation_rewards=[{type: control-match, labels: [{type: scored, control: smooth, reward: {type: jpeg-compressibility},"
                + " thresholds: [-1.5]}]}]",
        "rewards=[{type: control-likelihood, classifier: classifier}]",
        "rollout.samples_per_prompt=1",
        "rollout.width=32",
        "rollout.height=32",
    };

    private SmoothControl() {}

    /** Leaves the folders {@code images} and {@code classifier}, and {@code classifier.yaml}. */
    static Said trainAClassifier(Path folder) throws IOException {
        Path images = Files.createDirectories(folder.resolve("images"));
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 32; i++) {
            byte[] rgb = new byte[3 * 32 * 32];
            for (int k = 0; k < rgb.length; k++) {
                rgb[k] = (byte) (128 + (i % 2 == 0 ? random.nextInt(-90, 90) : 0));
            }
            PngWriter.write(images.resolve("p" + i + ".png"), new RgbImage(32, 32, rgb), Map.of());
        }
        Files.writeString(folder.resolve("classifier.yaml"), """
                type: control-classifier
                channels: 8
                epochs: 2
                batch: 8
                data:
                  folder: images
                  width: 32
                  height: 32
                  labels: [{type: scored, control: smooth, reward: {type: jpeg-compressibility}, thresholds: [-1.5]}]
                """);
        Said said =
                Said.by("ctrl", "classifier", folder.resolve("classifier.yaml"), "--out", folder.resolve("classifier"));
        assertThat(said.code()).as(said.err()).isZero();
        return said;
    }

    /**
     * A run with a copy of the classifier.
     *
     * @param trained where {@link #trainAClassifier} left it
     */
    static TinyRun run(Path trained, Path folder, String algorithm, String... more) throws IOException {
        Path copy = Files.createDirectories(folder.resolve("classifier"));
        for (String name : List.of("classifier.json", "classifier.safetensors")) {
            Files.copy(trained.resolve("classifier").resolve(name), copy.resolve(name));
        }
        String[] all = Stream.of(CONTROLLED, new String[] {"algorithm=" + algorithm}, more)
                .flatMap(Arrays::stream)
                .toArray(String[]::new);
        return new TinyRun(folder, all);
    }
}
