package org.imagerl.rewards.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.imagerl.rewards.model.OnnxConfig.Activation;
import org.imagerl.rewards.model.OnnxConfig.Output;
import org.imagerl.rewards.model.OnnxConfig.Reduce;
import org.imagerl.rewards.onnx.OnnxGraph;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.work.TimeLimit;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What folders hold, and what they lack. */
class ModelFolderTest {
    @TempDir
    private Path folder;

    private static double mean(RgbImage image) {
        double sum = 0;
        for (byte value : image.rgb()) {
            sum += value & 0xff;
        }
        return sum / image.rgb().length / 255;
    }

    private static List<Score> score(Reward reward, int count) {
        List<RgbImage> images = IntStream.range(0, count)
                .mapToObj(i -> TestImages.noise(8, 8, i))
                .toList();
        return reward.score(
                images, images.stream().map(image -> Prompt.of("", "")).toList());
    }

    private void scoresAreBrightness() {
        try (Reward reward = TinyModels.reward("onnx", folder)) {
            List<Score> scores = score(reward, 5);
            for (int i = 0; i < 5; i++) {
                assertThat(scores.get(i).value()).isCloseTo(mean(TestImages.noise(8, 8, i)), within(1e-6));
            }
        }
    }

    @Test
    void anyModelOfImagesAloneIsAReward() throws IOException {
        TinyModels.write(folder, TinyModels.brightness(-1, 3, 8, 8));
        scoresAreBrightness();
    }

    @Test
    void anImageWhoseModelLoopsForEverHasAFailedScoreWithTheReason() throws IOException {
        TinyModels.write(folder, TinyModels.brightness(1, 3, 8, 8));
        try (InputStream loop = OnnxGraph.class.getResourceAsStream("/org/imagerl/rewards/onnx/endless-loop.onnx")) {
            Files.write(folder.resolve("model.onnx"), loop.readAllBytes());
        }
        List<Score> scores = TimeLimit.within(Duration.ofMillis(100), () -> {
            try (Reward reward = TinyModels.reward("onnx", folder)) {
                return score(reward, 2);
            }
        });
        assertThat(scores)
                .hasSize(2)
                .allSatisfy(score ->
                        assertThat(score.error()).contains("after 0.1 s").contains("time_limit_s"));
    }

    @Test
    void aModelOfOneImageAtATimeIsLooped() throws IOException {
        TinyModels.write(folder, TinyModels.brightness(1, 3, 8, 8));
        scoresAreBrightness();
    }

    @Test
    void aFixedBatchIsFilledUp() throws IOException {
        TinyModels.write(folder, TinyModels.brightness(4, 3, 8, 8));
        scoresAreBrightness();
    }

    @Test
    void coloursMayComeLast() throws IOException {
        TinyModels.write(folder, TinyModels.brightness(-1, 8, 8, 3));
        scoresAreBrightness();
    }

    @Test
    void theOldFormOfPreprocessingIsTheSame() throws IOException {
        TinyModels.write(folder, TinyModels.brightness(-1, 3, 8, 8));
        Files.writeString(folder.resolve("preprocessor_config.json"), """
            {"feature_extractor_type": "CLIPFeatureExtractor", "size": 8, "crop_size": 8, "resample": 3,
             "do_resize": true, "do_center_crop": true, "do_normalize": true,
             "image_mean": [0.0, 0.0, 0.0], "image_std": [1.0, 1.0, 1.0]}
            """);
        scoresAreBrightness();
    }

    @Test
    void weightsInAFileBesideAreFoundAndMissed() throws IOException {
        OnnxGraph graph = new OnnxGraph().input("image", DataType.FLOAT, -1, 3, 8, 8);
        try (OnnxGraph.DataFile data = new OnnxGraph.DataFile(folder.resolve("model.onnx_data"))) {
            graph.integers("flat", List.of(-1L, 192L))
                    .node("Reshape", List.of("image", "flat"), "row")
                    .weights("w", () -> 1.0 / 192, data, 192, 1)
                    .node("MatMul", List.of("row", "w"), "score")
                    .output("score", DataType.FLOAT, -1, 1);
        }
        TinyModels.write(folder, graph);
        scoresAreBrightness();
        Files.delete(folder.resolve("model.onnx_data"));
        assertThatThrownBy(() -> TinyModels.reward("onnx", folder))
                .hasMessageContaining("model.onnx")
                .hasMessageContaining("must lie beside it");
    }

    @Test
    void aDamagedModelIsSaidToBeOne() throws IOException {
        TinyModels.write(folder, TinyModels.clip());
        Files.write(folder.resolve("model.onnx"), new byte[] {1, 2, 3, 4, 5, 6, 7});
        assertThatThrownBy(() -> TinyModels.reward("clip", folder))
                .hasMessageContaining("model.onnx")
                .hasMessageContaining("damaged");
        Files.write(folder.resolve("model.onnx"), new byte[0]);
        assertThatThrownBy(() -> TinyModels.reward("clip", folder))
                .hasMessageContaining("damaged")
                .message()
                .doesNotContain("/onnxruntime_src/");
    }

    @Test
    void aMissingTokenizerIsNamed() throws IOException {
        TinyModels.write(folder, TinyModels.clip());
        assertThatThrownBy(() -> TinyModels.reward("clip", folder))
                .hasMessageContaining("tokenizer.json")
                .hasMessageContaining("merges.txt");
    }

    @Test
    void unknownTensorNamesAreAnsweredWithTheRealOnes() throws IOException {
        TinyModels.write(folder, TinyModels.clip());
        TinyModels.writeTokenizer(folder);
        OnnxConfig clip = TinyModels.config("clip", folder);
        Map<String, String> inputs = Map.of("pixels", "image");
        assertThatThrownBy(
                        () -> TinyModels.reward(TinyModels.of(folder, clip, clip.kind(), inputs, clip.output(), null)))
                .hasMessageContaining("pixels")
                .hasMessageContaining("pixel_values float[any, 3, 8, 8]");
        Output output = new Output("logit", null, null, null, null, null, null, null, null);
        assertThatThrownBy(() -> TinyModels.reward(TinyModels.of(folder, clip, clip.kind(), null, output, null)))
                .hasMessageContaining("no output logit")
                .hasMessageContaining("logits_per_image");
    }

    @Test
    void anEmptyFolderIsToldWhatToExport() {
        assertThatThrownBy(() -> TinyModels.reward("clip", folder))
                .hasMessageContaining("model.onnx")
                .hasMessageContaining("optimum-cli");
        assertThatThrownBy(() -> TinyModels.reward("clip", folder.resolve("nowhere")))
                .hasMessageContaining("no such folder");
    }

    @Test
    void aSizeThatDoesNotFitTheModelIsRefused() throws IOException {
        TinyModels.write(folder, TinyModels.brightness(-1, 3, 16, 16));
        assertThatThrownBy(() -> TinyModels.reward("onnx", folder))
                .hasMessageContaining("16 x 16")
                .hasMessageContaining("8 x 8");
    }

    @Test
    void severalValuesNeedAReduction() throws IOException {
        TinyModels.write(folder, TinyModels.vision(new OnnxGraph(), -1));
        assertThatThrownBy(() -> TinyModels.reward("onnx", folder)).hasMessageContaining("output.reduce");
        RgbImage red = TestImages.gradient(8, 8);
        for (Reduce reduce : Reduce.values()) {
            if (reduce != Reduce.VALUE) {
                Output output =
                        new Output(null, null, null, null, Activation.SOFTMAX, reduce, 1, List.of(1.0, 2.0, 4.0), 0.3);
                OnnxConfig config = TinyModels.of(folder, TinyModels.config("onnx", folder), null, null, output, null);
                try (Reward reward = TinyModels.reward(config)) {
                    double value = reward.score(List.of(red), List.of(Prompt.of("", "")))
                            .get(0)
                            .value();
                    assertThat(value).as(reduce.name()).isCloseTo(reduced(red, reduce), within(1e-6));
                }
            }
        }
    }

    private static double reduced(RgbImage image, Reduce reduce) {
        double[] p = new double[3];
        double sum = 0;
        for (int c = 0; c < 3; c++) {
            double mean = 0;
            for (int i = 0; i < 64; i++) {
                mean += image.at(i % 8, i / 8, c) / 255.0 / 64;
            }
            p[c] = Math.exp(mean);
            sum += p[c];
        }
        double[] q = {p[0] / sum, p[1] / sum, p[2] / sum};
        return switch (reduce) {
            case VALUE -> Double.NaN;
            case CLASS -> q[1];
            case EXPECTATION -> q[0] + 2 * q[1] + 4 * q[2];
            case MEAN -> 1 / 3.0;
            case MAX -> Math.max(q[0], Math.max(q[1], q[2]));
            case COUNT -> (q[0] > 0.3 ? 1 : 0) + (q[1] > 0.3 ? 1 : 0) + (q[2] > 0.3 ? 1 : 0);
        };
    }

    @Test
    void aHeadMakesAScoreOfAnEmbedding() throws IOException {
        TinyModels.write(folder, TinyModels.vision(new OnnxGraph(), -1));
        Files.writeString(folder.resolve("head.json"), "{\"weights\": [3.0, 0.0, 4.0], \"bias\": 0.5}");
        RgbImage gray = new RgbImage(8, 8, filled(128));
        try (Reward reward = TinyModels.reward("aesthetic", folder)) {
            double value = reward.score(List.of(gray), List.of(Prompt.of("", "")))
                    .get(0)
                    .value();
            assertThat(value).isCloseTo(7 / Math.sqrt(3) + 0.5, within(1e-5));
        }
        Files.writeString(folder.resolve("head.json"), "{\"weights\": [3.0, 0.0]}");
        try (Reward reward = TinyModels.reward("aesthetic", folder)) {
            Score score =
                    reward.score(List.of(gray), List.of(Prompt.of("", ""))).get(0);
            assertThat(score.error()).contains("2 weights").contains("3 values");
        }
    }

    @Test
    void aScoreThatIsNoNumberIsAFailureAndNotAZero() throws IOException {
        OnnxGraph graph = TinyModels.brightness(-1, 3, 8, 8)
                .node("Neg", List.of("score"), "minus")
                .node("Log", List.of("minus"), "nan")
                .output("nan", DataType.FLOAT, -1, 1);
        TinyModels.write(folder, graph);
        Output output = new Output("nan", null, null, null, null, null, null, null, null);
        try (Reward reward =
                TinyModels.reward(TinyModels.of(folder, TinyModels.config("onnx", folder), null, null, output, null))) {
            assertThat(score(reward, 1).get(0).ok()).isFalse();
            assertThat(score(reward, 1).get(0).error()).contains("NaN");
        }
    }

    private static byte[] filled(int level) {
        byte[] rgb = new byte[8 * 8 * 3];
        Arrays.fill(rgb, (byte) level);
        return rgb;
    }
}
