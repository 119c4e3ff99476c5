package org.imagerl.rewards.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.hub.preprocess.PreprocessConfig;
import org.imagerl.rewards.detect.DetectorConfig.Measure;
import org.imagerl.rewards.onnx.OnnxGraph;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * In an input of 16 x 16 pixels lie a cat in the box (2, 4) to (6, 12), with certainty 0.8, and a dog in (8, 0) to (16, 4), with 0.6, and nothing else above 0.3. The image has 32 x 32 pixels, so
 * that all is twice as large in it.
 */
class LayoutTest {
    private static final Prompt BOTH =
            TinyDetectors.prompt("", "[{\"class\": \"cat\", \"count\": 1}, {\"class\": \"dog\", \"count\": 1}]");
    private static final RgbImage IMAGE = new RgbImage(32, 32, new byte[32 * 32 * 3]);

    @TempDir
    private Path folder;

    private Score score(OnnxGraph graph, Double overlap) throws IOException {
        TinyDetectors.write(folder, graph);
        try (Reward reward = DetectorRewardTest.reward(
                folder, PreprocessConfig.letterbox(16, 16), null, overlap, Measure.STRICT, null)) {
            return reward.score(List.of(IMAGE), List.of(BOTH)).get(0);
        }
    }

    private void findsBoth(OnnxGraph graph) throws IOException {
        Score score = score(graph, null);
        assertThat(score.error()).isNull();
        assertThat(score.value()).isEqualTo(1);
        assertThat(score.details())
                .containsEntry("found", "1 cat (0.80), 1 dog (0.60)")
                .containsEntry("boxes", "cat [4, 8, 12, 24], dog [16, 0, 32, 8]");
    }

    /** Two boxes that overlap much are one; the third candidate is not sure enough. */
    @Test
    void yolov8HasAColumnPerCandidate() throws IOException {
        float[][] candidates = {
            {4, 8, 4, 8, 0.8f, 0.1f, 0},
            {4, 8, 4, 7, 0.7f, 0.1f, 0},
            {12, 2, 8, 4, 0, 0.6f, 0.5f},
            {4, 4, 4, 4, 0.1f, 0.2f, 0.3f}
        };
        float[] values = new float[28];
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 7; j++) {
                values[j * 4 + i] = candidates[i][j];
            }
        }
        OnnxGraph graph = TinyDetectors.constant(values, 1, 7, 4);
        findsBoth(graph);
        assertThat(score(graph, 1.0).details().get("found")).isEqualTo("2 cat (0.80, 0.70), 1 dog (0.60)");
    }

    @Test
    void yolov5MultipliesByTheCertaintyOfAnyObject() throws IOException {
        findsBoth(TinyDetectors.constant(
                new float[] {4, 8, 4, 8, 1, 0.8f, 0, 0, 12, 2, 8, 4, 0.75f, 0, 0.8f, 0, 4, 4, 4, 4, 0.3f, 0.9f, 0, 0},
                1,
                3,
                8));
    }

    @Test
    void rowsHaveTheClassLast() throws IOException {
        findsBoth(TinyDetectors.constant(
                new float[] {2, 4, 6, 12, 0.8f, 0, 8, 0, 16, 4, 0.6f, 1, 0, 0, 1, 1, 0.01f, 2}, 1, 3, 6));
    }

    /** With one logit more than classes all are a softmax, with as many each is a sigmoid. */
    @Test
    void detrHasLogitsAndSharesOfTheImage() throws IOException {
        float[] boxes = {0.25f, 0.5f, 0.25f, 0.5f, 0.75f, 0.125f, 0.5f, 0.25f};
        float[] softmax = {ln(0.8), ln(0.1), ln(0.05), ln(0.05), ln(0.2), ln(0.6), ln(0.1), ln(0.1)};
        findsBoth(detr(boxes, softmax, 4));
        float[] sigmoid = {ln(4), ln(0.1), ln(0.1), ln(0.1), ln(1.5), ln(0.1)};
        findsBoth(detr(boxes, sigmoid, 3));
        assertThat(score(detr(boxes, new float[] {1, 2, 3, 4}, 2), null).error())
                .contains("2 logits per candidate");
    }

    private static OnnxGraph detr(float[] boxes, float[] logits, int columns) {
        return TinyDetectors.constant(
                Map.of("pred_boxes", boxes, "logits", logits),
                Map.of("pred_boxes", new long[] {1, 2, 4}, "logits", new long[] {1, 2, columns}));
    }

    private static float ln(double value) {
        return (float) Math.log(value);
    }

    @Test
    void listsAreReadByTheirNames() throws IOException {
        findsBoth(TinyDetectors.constant(
                Map.of(
                        "boxes", new float[] {2, 4, 6, 12, 8, 0, 16, 4},
                        "scores", new float[] {0.8f, 0.6f},
                        "labels", new float[] {0, 1}),
                Map.of("boxes", new long[] {2, 4}, "scores", new long[] {2}, "labels", new long[] {2})));
    }

    @Test
    void aClassWithoutANameIsAFailure() throws IOException {
        Score score = score(TinyDetectors.constant(new float[] {2, 4, 6, 12, 0.8f, 3}, 1, 1, 6), null);
        assertThat(score.error()).contains("class 3.0").contains("3 names");
    }

    @Test
    void aBoxWithoutAnEndIsAFailure() throws IOException {
        float[] box = {4, 8, Float.POSITIVE_INFINITY, 8, 0.8f, 0, 0};
        assertThat(score(TinyDetectors.constant(box, 1, 7, 1), null).error()).contains("no finite number (Infinity)");
    }

    /** The names of a config.json, which must be numbered without gaps; GenEval calls the mouse of COCO computer mouse. */
    @Test
    void namesComeFromAConfigurationToo() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"id2label\": {\"0\": \"mouse\", \"1\": \"dog\"}}");
        ClassNames names = ClassNames.read(folder, null, Map.of());
        assertThat(names.index("computer mouse")).isZero();
        assertThat(names.index("dog")).isOne();
        assertThatThrownBy(() -> names.index("dug")).hasMessageContaining("dog");
        Files.writeString(folder.resolve("config.json"), "{\"id2label\": {\"0\": \"mouse\", \"2\": \"dog\"}}");
        assertThatThrownBy(() -> ClassNames.read(folder, null, Map.of())).hasMessageContaining("no name of class 1");
        assertThatThrownBy(() -> ClassNames.read(folder, "../names.txt", Map.of()))
                .hasMessageContaining("in this folder");
    }

    /** As Ultralytics writes them into an export, which is a dictionary of Python. */
    @Test
    void namesComeFromTheModelItself() {
        assertThat(exported("{0: 'cat', 1: \"dog's bowl\", 2: 'say \"no\"'}"))
                .containsExactly("cat", "dog's bowl", "say \"no\"");
        for (String wrong :
                List.of("", "{}", "{1: 'cat'}", "{0: 'cat'", "{0: 'cat', 1: dog}", "{0: 'cat'} ", "['cat']")) {
            assertThatThrownBy(() -> exported(wrong)).as(wrong).hasMessageContaining("classes.txt");
        }
    }

    private List<String> exported(String names) {
        return ClassNames.read(folder.resolve("absent"), null, Map.of("names", names))
                .names();
    }

    /** An export with dynamic sizes says in its metadata what it was trained with, and needs no other file. */
    @Test
    void anExportOfUltralyticsNeedsNothingElse() throws IOException {
        Path alone = Files.createDirectories(folder.resolve("alone"));
        new OnnxGraph()
                .input("images", DataType.FLOAT, -1, 3, -1, -1)
                .weights("table", new float[] {4, 8, 4, 8, 0.6f, 0}, 1, 6, 1)
                .node("Identity", List.of("table"), "output0")
                .output("output0", DataType.FLOAT, -1, 6, -1)
                .metadata("names", "{0: 'cat', 1: 'dog'}")
                .metadata("imgsz", "[16, 32]")
                .write(alone.resolve("model.onnx"));
        try (Reward reward = DetectorRewardTest.reward(alone, null, null, null, Measure.SHARE, null)) {
            assertThat(reward.facts()).containsEntry("classes", "2 (the metadata of the model)");
            assertThat(reward.facts().get("preprocess"))
                    .contains("32")
                    .contains("16")
                    .contains("filled with 114");
            // 0.6 is not sure enough for what GenEval counts with its own model, but it is for a YOLO.
            Prompt counting = TinyDetectors.prompt("counting", "[{\"class\": \"cat\", \"count\": 1}]");
            RgbImage image = new RgbImage(32, 16, new byte[3 * 32 * 16]);
            assertThat(reward.score(List.of(image), List.of(counting)).get(0).value())
                    .isEqualTo(1);
        }
        assertThat(Layout.DETR.countingThreshold()).isEqualTo(0.9);
    }
}
