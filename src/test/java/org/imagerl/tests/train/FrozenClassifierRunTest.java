package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.imagerl.images.PngWriter;
import org.imagerl.rewards.onnx.OnnxGraph;
import org.imagerl.rewards.onnx.OnnxGraph.Attribute;
import org.imagerl.scoring.ScoreReader;
import org.imagerl.scoring.ScoreRow;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.tests.Paths;
import org.imagerl.tests.Said;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A classifier on the embeddings of an ONNX model, by the commands: trained, scored with, trained against. */
class FrozenClassifierRunTest {
    private static final String PREPROCESSOR = """
            {"image_processor_type": "CLIPImageProcessor", "do_resize": true, "size": {"height": 8, "width": 8},
             "resample": 2, "do_center_crop": false, "do_rescale": true, "rescale_factor": 0.00392156862745098,
             "do_normalize": true, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
            """;

    @TempDir
    private static Path shared;

    /** The mean of each colour is the embedding of an image. */
    private static void writeModel(Path folder, String reduction) throws IOException {
        Files.createDirectories(folder);
        new OnnxGraph()
                .input("pixel_values", DataType.FLOAT, -1, 3, 8, 8)
                .node(
                        reduction,
                        List.of("pixel_values"),
                        "image_embeds",
                        Attribute.list("axes", 2L, 3L),
                        Attribute.of("keepdims", 0))
                .output("image_embeds", DataType.FLOAT, -1, 3)
                .write(folder.resolve("model.onnx"));
        Files.writeString(folder.resolve("preprocessor_config.json"), PREPROCESSOR);
    }

    private static RgbImage image(int klass, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] rgb = new byte[3 * 32 * 32];
        for (int k = 0; k < rgb.length; k++) {
            rgb[k] = (byte) (80 + 60 * klass + random.nextInt(-40, 40));
        }
        return new RgbImage(32, 32, rgb);
    }

    @BeforeAll
    static void trainAClassifier() throws IOException {
        for (int i = 0; i < 48; i++) {
            Path of = Files.createDirectories(shared.resolve("images/" + i % 3));
            PngWriter.write(of.resolve(i + ".png"), image(i % 3, i), Map.of());
        }
        writeModel(shared.resolve("model"), "ReduceMean");
        Files.writeString(shared.resolve("classifier.yaml"), """
                type: control-classifier
                features: {type: onnx, folder: model}
                epochs: 60
                patience: 60
                batch: 8
                learning_rate: 5.0e-2
                data:
                  folder: images
                  width: 32
                  height: 32
                  labels: [{type: folders, control: shade}]
                """);
        Said said =
                Said.by("ctrl", "classifier", shared.resolve("classifier.yaml"), "--out", shared.resolve("classifier"));
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.out()).contains("shade: accuracy 1.000, macro-F1 1.000; temperature");
    }

    /** With a copy of model and classifier, side by side as they were. */
    private static TinyRun tiny(Path folder, String algorithm) throws IOException {
        copy(folder, "model", "model.onnx", "preprocessor_config.json");
        copy(folder, "classifier", "classifier.json", "classifier.safetensors");
        return new TinyRun(
                folder,
                "augmentation={type: control, controls: [{name: shade, classes: 3}]}",
                "tuning.targets=[to_q, to_v]",
                "evaluation={prompts: held-out.txt, samples_per_prompt: 1}",
                "rewards=[{type: control-likelihood, classifier: classifier}]",
                "epochs=1",
                "rollout.width=32",
                "rollout.height=32",
                "algorithm=" + algorithm);
    }

    private static void copy(Path to, String name, String... files) throws IOException {
        Path target = Files.createDirectories(to.resolve(name));
        for (String file : files) {
            Files.copy(shared.resolve(name).resolve(file), target.resolve(file));
        }
    }

    @Test
    void itScoresImages(@TempDir Path folder) throws IOException {
        Path images = Files.createDirectories(folder.resolve("images"));
        StringBuilder lines = new StringBuilder();
        for (int k = 0; k < 3; k++) {
            PngWriter.write(images.resolve(k + ".png"), image(k, 900 + k), Map.of());
            lines.append("{\"file_name\": \"%d.png\", \"prompt\": \"x\", \"shade\": \"1\"}%n".formatted(k));
        }
        Files.writeString(images.resolve("metadata.jsonl"), lines);
        Said said = Said.by(
                "score",
                images,
                "--reward",
                "{type: control-likelihood, classifier: '" + shared.resolve("classifier") + "'}",
                "--out",
                folder.resolve("scores.jsonl"));
        assertThat(said.code()).as(said.err()).isZero();
        List<ScoreRow> rows = new ArrayList<>();
        ScoreReader.read(folder.resolve("scores.jsonl"), rows::add);
        assertThat(rows).hasSize(3).allMatch(row -> row.error().isEmpty());
        assertThat(rows.get(1).values().get("control-likelihood")).isGreaterThan(Math.log(0.9));
        assertThat(rows.get(0).values().get("control-likelihood")).isLessThan(Math.log(0.1));
        assertThat(rows.get(2).values().get("control-likelihood")).isLessThan(Math.log(0.1));
        assertThat(Files.readString(folder.resolve("scores.header.json"))).contains("model.onnx");
    }

    @Test
    void theScoreFunctionFormTrainsOnIt(@TempDir Path folder) throws IOException {
        TinyRun run = tiny(folder, "ctrl-pg");
        run.start();
        assertThat(run.rows().get(1L).get("reward_control-likelihood_mean")).isNegative();
        assertThat(run.path().resolve("control.safetensors")).exists();
    }

    @Test
    void whatDifferentiatesTheImageRefusesItBeforeAnythingRuns(@TempDir Path folder) throws IOException {
        assertThatThrownBy(() -> tiny(folder, "{preset: ctrl, objective: {classifiers: [classifier]}}")
                        .config())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("algorithm.objective")
                .hasMessageContaining("have no gradient")
                .hasMessageContaining("ctrl-pg")
                .hasMessageContaining("channels");
        Said said = Said.by(
                "sample",
                "--checkpoint",
                Paths.tinyCheckpoint(),
                "--augmentation",
                "{type: classifier-guidance, classifiers: ['" + shared.resolve("classifier") + "']}",
                "--prompt",
                "the cat",
                "--out",
                folder.resolve("x"));
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains("have no gradient");
        assertThat(folder.resolve("x")).doesNotExist();
    }

    @Test
    void anotherModelInItsPlaceIsRefused(@TempDir Path folder) throws IOException {
        TinyRun run = tiny(folder, "ctrl-pg");
        writeModel(folder.resolve("model"), "ReduceMax");
        assertThatThrownBy(run::start)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("model.onnx: is not the file that the classifier")
                .hasMessageContaining("SHA-256");
        assertThat(run.path()).doesNotExist();
    }

    @Test
    void channelsAndFeaturesExcludeEachOther(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("classifier.yaml");
        try (Stream<String> lines = Files.lines(shared.resolve("classifier.yaml"))) {
            Files.writeString(file, "channels: 8\n" + String.join("\n", lines.toList()) + "\n");
        }
        Said said = Said.by("ctrl", "classifier", file, "--out", folder.resolve("c"));
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains("give either channels or features");
        assertThat(Said.by("plugins").out()).containsPattern("features\\s+onnx");
    }
}
