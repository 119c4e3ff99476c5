package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.JpegSize;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.RgbImage;
import org.imagerl.tests.Said;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.safetensors.TensorEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of {@code samples/words/ctrl}. */
class ShippedControlTest {

    /** The shipped example with few images and one epoch: its files say what the programs know. */
    @Test
    void whatIsShippedRuns(@TempDir Path folder) throws IOException {
        Path shipped = Path.of(System.getProperty("project.root"), "samples/words/ctrl");
        Path images = Files.createDirectories(folder.resolve("images"));
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 32; i++) {
            byte[] rgb = new byte[3 * 64 * 32];
            for (int k = 0; k < rgb.length; k++) {
                int level = 70 + 65 * (i / 4 % 3) + random.nextInt(-1 - 30 * (i % 4), 1 + 30 * (i % 4));
                rgb[k] = (byte) Math.max(0, Math.min(255, level));
            }
            PngWriter.write(images.resolve("p" + i + ".png"), new RgbImage(64, 32, rgb), Map.of());
        }
        String data = "data.folder='" + images + "'";
        String labels =
                "data.labels=[{type: scored, control: compressibility, reward: {type: jpeg-compressibility}, thresholds: "
                        + thresholds(images) + "}]";
        Path classifier = folder.resolve("classifier");
        Said said = Said.by(
                "ctrl",
                "classifier",
                shipped.resolve("classifier.yaml"),
                "--out",
                classifier,
                "--set",
                data,
                "--set",
                labels,
                "--set",
                "epochs=1");
        assertThat(said.code()).as(said.err()).isZero();
        Path brightness = folder.resolve("brightness");
        said = Said.by(
                "ctrl",
                "classifier",
                shipped.resolve("brightness.yaml"),
                "--out",
                brightness,
                "--set",
                data,
                "--set",
                "epochs=1");
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.out()).contains("brightness: class 0 12, class 1 12, class 2 8");
        for (String name : List.of("ctrl", "ctrl-pg", "supervised", "guidance")) {
            List<String> overrides = new ArrayList<>(List.of(
                    "run.folder='" + folder + "'",
                    "run.name=" + name,
                    "epochs=1",
                    "evaluation=null",
                    "rollout.prompts_per_epoch=2",
                    "rollout.samples_per_prompt=2",
                    "optimiser.updates_per_epoch=1",
                    "rollout.batch_size=2",
                    "rollout.steps=2",
                    "optimiser.micro_batch=2",
                    "samples={prompts: 1, seeds: [0]}",
                    "rewards=[{type: control-likelihood, classifier: '" + classifier + "'}]"));
            if (name.equals("ctrl")) {
                overrides.add("algorithm.objective.classifiers=['" + classifier + "']");
            }
            if (name.equals("supervised")) {
                overrides.add(data.replace("data.", "algorithm.objective.data."));
                overrides.add(labels.replace("data.", "algorithm.objective.data."));
            }
            if (name.equals("guidance")) {
                overrides.add("augmentation.classifiers=['" + classifier + "']");
            }
            Object[] words = Stream.concat(
                            Stream.of("train", shipped.resolve(name + ".yaml")),
                            overrides.stream().flatMap(override -> Stream.of("--set", override)))
                    .toArray();
            said = Said.by(words);
            assertThat(said.code()).as(name + said.err()).isZero();
            boolean control = !name.equals("guidance");
            assertThat(Files.exists(folder.resolve(name).resolve("control.safetensors")))
                    .isEqualTo(control);
        }
        requireUntrained(folder.resolve("guidance/pytorch_lora_weights.safetensors"));
    }

    /** Guidance differentiates the denoiser while it samples: none of that may reach the weights. */
    private static void requireUntrained(Path lora) {
        try (SafetensorsFile file = SafetensorsFile.open(lora)) {
            List<String> ups = file.entries().stream()
                    .map(TensorEntry::name)
                    .filter(name -> name.endsWith("lora.up.weight"))
                    .toList();
            assertThat(ups)
                    .isNotEmpty()
                    .allSatisfy(name -> assertThat(file.floats(name)).containsOnly(0));
        }
    }

    /** Three that lie between the four kinds of images. */
    private static List<Double> thresholds(Path images) {
        double[] kilobytes = new double[4];
        for (int i = 0; i < 4; i++) {
            kilobytes[i] = -JpegSize.bytes(ImageDecoder.decode(images.resolve("p" + i + ".png"))) / 1000.0;
        }
        Arrays.sort(kilobytes);
        List<Double> between = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            between.add((kilobytes[i] + kilobytes[i + 1]) / 2);
        }
        return between;
    }
}
