package org.imagerl.latent.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.images.ImageDecoder;
import org.imagerl.latent.testing.GoldenFolder;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.spi.reward.DifferentiableReward;
import org.imagerl.testkit.DifferentiableRewardContract;
import org.imagerl.testkit.TestImages;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsWriter;
import org.imagerl.toolkit.safetensors.TensorSource;
import org.imagerl.toolkit.tensor.ImageTensors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** On the tiny CLIP of golden/onnx-clip, whose folder also has the model as ONNX: the scores are those that its export has. */
class SimilarityRewardTest extends DifferentiableRewardContract {
    private static final Path FOLDER =
            Path.of(System.getProperty("project.root"), "src/test/resources/golden/onnx-clip");

    @TempDir
    private Path scratch;

    private static DifferentiableReward reward(Path folder, Formula formula) {
        return reward(folder, formula, true);
    }

    private static DifferentiableReward reward(Path folder, Formula formula, boolean rounded) {
        return new SimilarityReward(
                new SimilarityReward.Config(folder.toString(), formula, rounded),
                new Context(Path.of("."), "cpu", 1, warning -> {}));
    }

    /** Without rounding, whose steps are no straight lines. */
    @Override
    protected DifferentiableReward create() {
        return reward(FOLDER, Formula.CLIP, false);
    }

    /** What two roundings to bytes change in a network of random weights: of ten images 5e-3 by torch's resize against Pillow's. */
    @Override
    protected double tolerance() {
        return 5e-3;
    }

    /** The preprocessing of tensors is that of bytes, but for ties of rounding. */
    @Test
    void roundedTensorsScoreAsBytes() {
        try (NDManager manager = NDManager.newBaseManager();
                DifferentiableReward reward = reward(FOLDER, Formula.PICKSCORE)) {
            for (Example example : examples()) {
                NDArray image = ImageTensors.toTensor(manager, List.of(example.image()));
                double bytes = reward.score(List.of(example.image()), List.of(example.prompt()))
                        .get(0)
                        .value();
                double tensor = reward.scores(image, List.of(example.prompt())).getFloat();
                assertThat(tensor).isCloseTo(bytes, within(1e-3));
            }
        }
    }

    @Override
    protected List<Example> examples() {
        return List.of(
                new Example(TestImages.noise(48, 40, 1), Prompt.of("a", "night sky over the city")),
                new Example(TestImages.noise(70, 33, 2), Prompt.of("b", "a photo of a cat")),
                new Example(TestImages.noise(32, 32, 3), Prompt.of("c", "stripes and noise")));
    }

    /** Golden scores of transformers, within the tolerance of the ONNX reward: bytes as Pillow makes them. */
    @TestFactory
    Stream<DynamicTest> everyFolderScoresAsPublished() throws IOException {
        return GoldenFolder.tests(
                "onnx-clip{,/*}/expected.json",
                file -> Stream.of(
                        dynamicTest(file + " pickscore", () -> golden(file, "pickscore", Formula.PICKSCORE, 1e-3 / 26)),
                        dynamicTest(file + " cosine", () -> golden(file, "cosine", Formula.CLIP, 1e-3 * 0.07))));
    }

    private static void golden(Path file, String key, Formula formula, double tolerance) {
        JsonNode json = new JsonMapper().readTree(file);
        Path images = file.getParent().resolveSibling("images");
        try (DifferentiableReward reward = reward(file.getParent(), formula)) {
            for (int i = 0; i < json.get("images").size(); i++) {
                RgbImage image = ImageDecoder.decode(
                        images.resolve(json.get("images").get(i).stringValue()));
                for (int j = 0; j < json.get("prompts").size(); j++) {
                    Prompt prompt = Prompt.of("p", json.get("prompts").get(j).stringValue());
                    double wanted = json.get(key).get(i).get(j).doubleValue();
                    assertThat(reward.score(List.of(image), List.of(prompt))
                                    .get(0)
                                    .value())
                            .as("image %d, prompt %d", i, j)
                            .isCloseTo(wanted, within(tolerance));
                }
            }
        }
    }

    @Test
    void formulasAreFunctionsOfTheCosine() {
        Example example = examples().get(0);
        Prompt longer = Prompt.of("l", "A photo depicts " + example.prompt().text());
        double cosine = value(Formula.CLIP, example.image(), example.prompt());
        double described = value(Formula.CLIP, example.image(), longer);
        assertThat(value(Formula.CLIPSCORE, example.image(), example.prompt()))
                .isCloseTo(2.5 * Math.max(0, described), within(1e-6));
        double logit = 26 * value(Formula.PICKSCORE, example.image(), example.prompt());
        assertThat(value(Formula.SIGLIP, example.image(), example.prompt()))
                .isCloseTo(1 / (1 + Math.exp(-logit)), within(1e-6));
        assertThat(logit / cosine).isCloseTo(Math.exp(4.6), within(1e-2));
    }

    private static double value(Formula formula, RgbImage image, Prompt prompt) {
        try (DifferentiableReward reward = reward(FOLDER, formula)) {
            return reward.score(List.of(image), List.of(prompt)).get(0).value();
        }
    }

    /** Two layers and what they are together. */
    @Test
    void anAestheticHeadOfLayersIsOneAffineFunction() throws IOException {
        copyModel();
        float[] first = new float[2 * 20];
        float[] expected = new float[20];
        for (int i = 0; i < 20; i++) {
            first[i] = 0.1f * i;
            first[20 + i] = 1 - 0.05f * i;
            expected[i] = 2 * first[i] - 3 * first[20 + i];
        }
        SafetensorsWriter.write(
                scratch.resolve("head.safetensors"),
                List.of(
                        tensor("layers.0.weight", first, 2, 20),
                        tensor("layers.0.bias", new float[] {0.5f, -1}, 2),
                        tensor("layers.2.weight", new float[] {2, -3}, 1, 2),
                        tensor("layers.2.bias", new float[] {0.25f}, 1)),
                Map.of());
        AestheticHead head = AestheticHead.read(scratch, 20);
        assertThat(head.weights()).usingComparatorWithPrecision(1e-6f).containsExactly(expected);
        assertThat(head.bias()).isEqualTo(2 * 0.5f - 3 * -1f + 0.25f);
        double ofLayers;
        RgbImage image = examples().get(0).image();
        try (DifferentiableReward reward = reward(scratch, Formula.AESTHETIC)) {
            ofLayers = reward.score(List.of(image), List.of(Prompt.of("p", "")))
                    .get(0)
                    .value();
        }
        Files.delete(scratch.resolve("head.safetensors"));
        Files.writeString(
                scratch.resolve("head.json"), "{\"weights\": " + Arrays.toString(expected) + ", \"bias\": 4.25}");
        try (DifferentiableReward reward = reward(scratch, Formula.AESTHETIC)) {
            assertThat(reward.score(List.of(image), List.of(Prompt.of("p", "")))
                            .get(0)
                            .value())
                    .isCloseTo(ofLayers, within(1e-5));
        }
        assertThatThrownBy(() -> AestheticHead.read(scratch, 25)).hasMessageContaining("have 25");
    }

    private static TensorSource tensor(String name, float[] values, long... shape) {
        return TensorSource.ofFloats(name, DType.F32, new Shape(shape), values);
    }

    private void copyModel() throws IOException {
        for (String file : List.of("config.json", "model.safetensors", "preprocessor_config.json")) {
            Files.copy(FOLDER.resolve(file), scratch.resolve(file));
        }
    }

    @Test
    void whatIsMissingIsNamed() throws IOException {
        assertThatThrownBy(() -> reward(scratch.resolve("none"), Formula.CLIP))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("there is no such folder");
        copyModel();
        assertThatThrownBy(() -> reward(scratch, Formula.CLIP)).hasMessageContaining("has no tokenizer");
        assertThatThrownBy(() -> reward(scratch, Formula.AESTHETIC))
                .hasMessageContaining("neither head.safetensors nor head.json");
        assertThatThrownBy(() -> reward(scratch, Formula.HPSV2))
                .hasMessageContaining("makes images of 224 x 224, but the model takes 32 x 32");
        Files.writeString(scratch.resolve("config.json"), "{\"model_type\": \"blip\"}");
        assertThatThrownBy(() -> reward(scratch, Formula.CLIP))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("supported: clip, siglip");
    }
}
