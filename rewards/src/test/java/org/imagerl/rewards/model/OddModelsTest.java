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
import java.util.Map;
import org.imagerl.rewards.onnx.OnnxGraph;
import org.imagerl.rewards.onnx.OnnxGraph.Attribute;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Models of element types, ranks and batches that are allowed by ONNX and not usual. */
class OddModelsTest {
    @TempDir
    private Path folder;

    private static RgbImage gray(int value) {
        byte[] rgb = new byte[3 * 64];
        Arrays.fill(rgb, (byte) value);
        return new RgbImage(8, 8, rgb);
    }

    private List<Score> scores(int... grays) {
        OnnxConfig config = TinyModels.config("onnx", folder);
        config = TinyModels.of(folder, config, null, null, null, grays.length); // all in one run, if the model can
        try (Reward reward = TinyModels.reward(config)) {
            return reward.score(
                    Arrays.stream(grays).mapToObj(OddModelsTest::gray).toList(),
                    Arrays.stream(grays).mapToObj(i -> Prompt.of("", "")).toList());
        }
    }

    private void refused(String... parts) {
        assertThatThrownBy(() -> scores(0))
                .isInstanceOf(UserException.class)
                .satisfies(e ->
                        assertThat(e.getMessage()).contains(folder.toString()).contains(parts));
    }

    /** The mean of each image of [batch, 3, 8, 8]; then other nodes. */
    private static OnnxGraph means(DataType type, long... shape) {
        Long[] axes = shape.length == 4 ? new Long[] {1L, 2L, 3L} : new Long[] {0L, 1L, 2L};
        return new OnnxGraph()
                .input("pixel_values", type, shape)
                .node("Cast", List.of("pixel_values"), "floats", Attribute.of("to", DataType.FLOAT.getNumber()))
                .node(
                        "ReduceMean",
                        List.of("floats"),
                        "mean",
                        Attribute.list("axes", axes),
                        Attribute.of("keepdims", 0));
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {
                "FLOAT",
                "UINT8",
                "INT8",
                "UINT16",
                "INT16",
                "INT32",
                "INT64",
                "BOOL",
                "FLOAT16",
                "DOUBLE",
                "UINT32",
                "UINT64",
                "BFLOAT16"
            })
    void outputsOfEveryTypeOfNumberAreRead(DataType type) throws IOException {
        TinyModels.write(
                folder,
                means(DataType.FLOAT, -1, 3, 8, 8)
                        .weights("hundred", new float[] {100}, 1)
                        .node("Mul", List.of("mean", "hundred"), "scaled")
                        .node("Cast", List.of("scaled"), "score", Attribute.of("to", type.getNumber()))
                        .output("score", type, -1));
        List<Score> scores = scores(0, 255);
        assertThat(scores.get(0).value()).isZero();
        assertThat(scores.get(1).value()).isEqualTo(type == DataType.BOOL ? 1 : 100);
    }

    @Test
    void unsignedNumbersAreNotNegative() throws IOException {
        for (DataType type : List.of(DataType.UINT8, DataType.UINT16, DataType.UINT32, DataType.UINT64)) {
            float greatest = type == DataType.UINT8
                    ? 200
                    : type == DataType.UINT16 ? 60_000 : type == DataType.UINT32 ? 4e9f : (float) 1e18;
            TinyModels.write(
                    folder,
                    means(DataType.FLOAT, -1, 3, 8, 8)
                            .weights("greatest", new float[] {greatest}, 1)
                            .node("Mul", List.of("mean", "greatest"), "scaled")
                            .node("Cast", List.of("scaled"), "score", Attribute.of("to", type.getNumber()))
                            .output("score", type, -1));
            Score score = scores(255).get(0);
            assertThat(score.ok() ? score.value() : 1e18).as(type + "").isCloseTo(greatest, within(greatest * 1e-6));
        }
    }

    @Test
    void anOutputOfTextIsRefusedWithItsTypeAndName() throws IOException {
        TinyModels.write(
                folder,
                means(DataType.FLOAT, -1, 3, 8, 8)
                        .node(
                                "Cast",
                                List.of("mean"),
                                "label\u001b[31m",
                                Attribute.of("to", DataType.STRING.getNumber()))
                        .output("label\u001b[31m", DataType.STRING, -1));
        refused("output \"label\\u001b[31m\" string[any] is no tensor of numbers");
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "FLOAT16", "DOUBLE", "BFLOAT16"})
    void imagesAreMadeForInputsOfEveryTypeOfFraction(DataType type) throws IOException {
        TinyModels.write(folder, means(type, -1, 3, 8, 8).output("mean", DataType.FLOAT, -1));
        assertThat(scores(51).get(0).value()).isCloseTo(0.2, within(type == DataType.BFLOAT16 ? 1e-3 : 1e-4));
    }

    @Test
    void anInputOfWholeNumbersTakesTheBytesOfImagesIfPreprocessingMakesThem() throws IOException {
        for (DataType type : List.of(DataType.UINT8, DataType.INT16, DataType.INT32, DataType.INT64)) {
            TinyModels.write(folder, means(type, -1, 3, 8, 8).output("mean", DataType.FLOAT, -1));
            refused("takes whole numbers", "reward.yaml: preprocess");
            Files.writeString(
                    folder.resolve("preprocessor_config.json"),
                    "{\"size\": {\"height\": 8, \"width\": 8}, \"do_rescale\": false, \"do_normalize\": false}");
            assertThat(scores(200).get(0).value()).as(type + "").isEqualTo(200);
        }
        for (DataType type : List.of(DataType.UINT16, DataType.UINT32, DataType.UINT64, DataType.INT8, DataType.BOOL)) {
            means(type, -1, 3, 8, 8).output("mean", DataType.FLOAT, -1).write(folder.resolve("model.onnx"));
            refused("which images are not made into");
        }
    }

    @Test
    void oneImageWithoutABatchIsTaken() throws IOException {
        TinyModels.write(folder, means(DataType.FLOAT, 3, 8, 8).output("mean", DataType.FLOAT));
        List<Score> scores = scores(0, 51, 255);
        assertThat(scores.get(1).value()).isCloseTo(0.2, within(1e-6));
        assertThat(scores.get(2).value()).isCloseTo(1, within(1e-6));
        TinyModels.write(folder, means(DataType.FLOAT, 8, 8, 3).output("mean", DataType.FLOAT));
        assertThat(scores(51).get(0).value()).isCloseTo(0.2, within(1e-6));
    }

    @Test
    void anOutputThatDoesNotCountImagesIsOfOneImageAtATime() throws IOException {
        TinyModels.write(
                folder,
                new OnnxGraph()
                        .input("pixel_values", DataType.FLOAT, -1, 3, 8, 8)
                        .node("ReduceMean", List.of("pixel_values"), "all", Attribute.of("keepdims", 0))
                        .output("all", DataType.FLOAT));
        List<Score> scores = scores(0, 51, 255);
        assertThat(scores.get(0).value()).isZero();
        assertThat(scores.get(1).value()).isCloseTo(0.2, within(1e-6));
        assertThat(scores.get(2).value()).isCloseTo(1, within(1e-6));
    }

    @Test
    void aFixedBatchWhoseScoresCannotBeToldApartIsRefused() throws IOException {
        TinyModels.write(
                folder,
                new OnnxGraph()
                        .input("pixel_values", DataType.FLOAT, 4, 3, 8, 8)
                        .node("ReduceMean", List.of("pixel_values"), "all", Attribute.list("axes", 0L, 2L, 3L))
                        .output("all", DataType.FLOAT, 1, 3, 1, 1));
        OnnxConfig.Output mean =
                new OnnxConfig.Output(null, null, null, null, null, OnnxConfig.Reduce.MEAN, null, null, null);
        OnnxConfig config = TinyModels.of(folder, TinyModels.config("onnx", folder), null, null, mean, null);
        assertThatThrownBy(() -> TinyModels.reward(config))
                .hasMessageContaining("takes 4 images")
                .hasMessageContaining("cannot be distinguished");
    }

    @Test
    void anAbsurdBatchIsRefusedWithItsSize() throws IOException {
        TinyModels.write(
                folder, means(DataType.FLOAT, 100_000_000, 3, 8, 8).output("mean", DataType.FLOAT, 100_000_000));
        refused("takes 100000000 images at a time", "76800 MB");
        TinyModels.write(folder, means(DataType.FLOAT, 0, 3, 8, 8).output("mean", DataType.FLOAT, 0));
        refused("takes 0 images at a time");
    }

    @Test
    void anOutputWithoutValuesIsRefused() throws IOException {
        OnnxGraph empty = means(DataType.FLOAT, -1, 3, 8, 8)
                .integers("zero", List.of(0L))
                .integers("one", List.of(1L))
                .node("Unsqueeze", List.of("mean", "one"), "column")
                .node("Slice", List.of("column", "zero", "zero", "one"), "none");
        TinyModels.write(folder, empty.output("none", DataType.FLOAT, -1, 0));
        refused("output none float[any, 0] has no values");
    }

    @Test
    void aRankOfThreeIsSeveralValuesWithTheirCount() throws IOException {
        TinyModels.write(
                folder,
                new OnnxGraph()
                        .input("pixel_values", DataType.FLOAT, -1, 3, 8, 8)
                        .node(
                                "ReduceMean",
                                List.of("pixel_values"),
                                "rows",
                                Attribute.list("axes", 3L),
                                Attribute.of("keepdims", 0))
                        .output("rows", DataType.FLOAT, -1, 3, 8));
        refused("output rows has 24 values", "output.reduce");
    }

    @Test
    void twoImagesForOneScoreAreRefused() throws IOException {
        TinyModels.write(
                folder,
                new OnnxGraph()
                        .input("pixel_values", DataType.FLOAT, -1, 3, 8, 8)
                        .input("reference", DataType.FLOAT, -1, 3, 8, 8)
                        .node("Sub", List.of("pixel_values", "reference"), "difference")
                        .node("ReduceMean", List.of("difference"), "score", Attribute.list("axes", 1L, 2L, 3L))
                        .output("score", DataType.FLOAT, -1, 1, 1, 1));
        refused("reference float[any, 3, 8, 8] takes is not known");
        OnnxConfig config = TinyModels.of(
                folder, TinyModels.config("onnx", folder), null, Map.of("reference", "image"), null, null);
        assertThatThrownBy(() -> TinyModels.reward(config)).hasMessageContaining("both take image");
    }
}
