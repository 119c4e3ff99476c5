package org.imagerl.rewards.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.imagerl.hub.preprocess.PreprocessorFile;
import org.imagerl.hub.tokenizer.FolderTokenizer;
import org.imagerl.images.FloatResize;
import org.imagerl.images.ResizeFilter;
import org.imagerl.rewards.onnx.OnnxGraph;
import org.imagerl.rewards.onnx.OnnxGraph.Attribute;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each preset does around the network, computed here by hand. */
class PresetsTest {
    private static final String PROMPT = "a red cat";

    @TempDir
    private Path folder;

    @BeforeEach
    void writeTokenizer() {
        TinyModels.writeTokenizer(folder);
    }

    private double score(String preset, RgbImage image) {
        try (Reward reward = TinyModels.reward(preset, folder)) {
            var score =
                    reward.score(List.of(image), List.of(Prompt.of("", PROMPT))).get(0);
            assertThat(score.error()).isNull();
            assertThat(score.value())
                    .isBetween(reward.spec().min(), reward.spec().max());
            return score.value();
        }
    }

    private int[] ids(int padTo) {
        try (FolderTokenizer tokenizer = FolderTokenizer.load(folder)) {
            int[] ids = tokenizer.encode(PROMPT, 77);
            int[] padded = Arrays.copyOf(ids, Math.max(ids.length, padTo));
            Arrays.fill(padded, ids.length, padded.length, tokenizer.padId());
            return padded;
        }
    }

    /** What the tiny text tower makes of token ids. */
    private static double[] embedding(int[] ids) {
        double[] mean = new double[3];
        for (int id : ids) {
            for (int i = 0; i < 3; i++) {
                mean[i] += Math.sin(3 * id + i) / ids.length;
            }
        }
        return mean;
    }

    private static double product(double[] a, double[] b) {
        return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    }

    private static RgbImage even(int width, int height, int level) {
        byte[] rgb = new byte[width * height * 3];
        Arrays.fill(rgb, (byte) level);
        return new RgbImage(width, height, rgb);
    }

    @Test
    void siglipIsTheSigmoidOfTheLogitOfAPromptPaddedTo64() throws IOException {
        TinyModels.write(folder, TinyModels.clip());
        double logit = product(new double[] {0.4, 0.4, 0.4}, embedding(ids(64)));
        assertThat(score("siglip", even(8, 8, 102))).isCloseTo(1 / (1 + Math.exp(-logit)), within(1e-6));
    }

    @Test
    void logitsAreDividedAsTheNamesSay() throws IOException {
        TinyModels.write(folder, TinyModels.clip());
        double logit = product(new double[] {0.4, 0.4, 0.4}, embedding(ids(0)));
        assertThat(score("pickscore", even(8, 8, 102))).isCloseTo(logit / 26, within(1e-7));
        assertThat(score("clip100", even(8, 8, 102))).isCloseTo(logit / 100, within(1e-7));
    }

    @Test
    void clip100ResizesFloatsBilinearlyWhateverTheFileSays() throws IOException {
        TinyModels.write(folder, TinyModels.clip()); // bicubic on bytes
        RgbImage image = TestImages.noise(11, 11, 3);
        float[] resized = FloatResize.resize(image, 8, 8, ResizeFilter.BILINEAR);
        double[] mean = new double[3];
        for (int i = 0; i < resized.length; i++) {
            mean[i / 64] += resized[i] / 64;
        }
        double logit = product(mean, embedding(ids(0)));
        assertThat(score("clip100", image)).isCloseTo(logit / 100, within(1e-8));
        assertThat(score("pickscore", image) * 26).isNotCloseTo(logit, within(1e-4));
    }

    @Test
    void hpsPadsToASquareBeforeItNormalises() throws IOException {
        OnnxGraph graph = TinyModels.text(new OnnxGraph())
                .input("pixel_values", DataType.FLOAT, -1, 3, -1, -1)
                .node(
                        "ReduceMean",
                        List.of("pixel_values"),
                        "image_embeds",
                        Attribute.list("axes", 2L, 3L),
                        Attribute.of("keepdims", 0))
                .output("image_embeds", DataType.FLOAT, -1, 3);
        TinyModels.write(folder, graph);
        double[] mean = new double[3]; // white above and below of which is as much black
        for (int i = 0; i < 3; i++) {
            mean[i] = (0.5 - PreprocessorFile.CLIP_MEAN.get(i)) / PreprocessorFile.CLIP_STD.get(i);
        }
        double[] text = embedding(ids(0));
        double cosine = product(mean, text) / Math.sqrt(product(mean, mean) * product(text, text));
        assertThat(score("hpsv2", even(448, 224, 255))).isCloseTo(cosine, within(1e-4));
    }

    @Test
    void imageRewardStandardisesWhatACrossEncoderSays() throws IOException {
        OnnxGraph graph = new OnnxGraph()
                .input("pixel_values", DataType.FLOAT, -1, 3, 224, 224)
                .input("input_ids", DataType.INT32, -1, 35)
                .node(
                        "ReduceMean",
                        List.of("pixel_values"),
                        "light",
                        Attribute.list("axes", 1L, 2L, 3L),
                        Attribute.of("keepdims", 0))
                .integers("column", List.of(-1L, 1L))
                .node("Reshape", List.of("light", "column"), "lights")
                .node("Cast", List.of("input_ids"), "numbers", Attribute.of("to", 1))
                .node(
                        "ReduceMean",
                        List.of("numbers"),
                        "words",
                        Attribute.list("axes", 1L),
                        Attribute.of("keepdims", 1))
                .node("Add", List.of("lights", "words"), "reward")
                .output("reward", DataType.FLOAT, -1, 1);
        TinyModels.write(folder, graph);
        double light = 0;
        for (int i = 0; i < 3; i++) {
            light += (0.4 - PreprocessorFile.CLIP_MEAN.get(i)) / PreprocessorFile.CLIP_STD.get(i) / 3;
        }
        double words = Arrays.stream(ids(35)).average().orElseThrow();
        double expected = (light + words - 0.16717362830052426) / 1.0333394966054072;
        assertThat(score("imagereward", even(300, 280, 102))).isCloseTo(expected, within(1e-4));
    }

    @Test
    void halfPrecisionInAndOutIsConverted() throws IOException {
        OnnxGraph graph = new OnnxGraph()
                .input("pixel_values", DataType.FLOAT16, -1, 3, 8, 8)
                .node("Cast", List.of("pixel_values"), "wide", Attribute.of("to", 1))
                .node(
                        "ReduceMean",
                        List.of("wide"),
                        "mean",
                        Attribute.list("axes", 1L, 2L, 3L),
                        Attribute.of("keepdims", 0))
                .node("Cast", List.of("mean"), "score", Attribute.of("to", 10))
                .output("score", DataType.FLOAT16, -1);
        TinyModels.write(folder, graph);
        assertThat(score("onnx", even(8, 8, 102))).isCloseTo(0.4, within(1e-3));
    }

    @Test
    void twoTowersHaveNoLogits() throws IOException {
        TinyModels.write(folder, TinyModels.vision(new OnnxGraph(), -1));
        Files.move(folder.resolve("model.onnx"), folder.resolve("vision_model.onnx"));
        TinyModels.text(new OnnxGraph()).write(folder.resolve("text_model.onnx"));
        assertThatThrownBy(() -> score("pickscore", TestImages.noise(8, 8, 1)))
                .hasMessageContaining("temperature")
                .hasMessageContaining("formula");
        Files.delete(folder.resolve("text_model.onnx"));
        assertThatThrownBy(() -> score("clip", TestImages.noise(8, 8, 1)))
                .hasMessageContaining("only one of two towers");
    }
}
