package org.imagerl.rewards.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.imagerl.rewards.onnx.OnnxGraph;
import org.imagerl.rewards.onnx.OnnxGraph.Attribute;
import org.imagerl.spi.Context;
import org.imagerl.spi.Features;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.FeaturesContract;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxFeaturesTest {
    @TempDir
    private Path folder;

    private static RgbImage colour(int side, int red, int green, int blue) {
        byte[] rgb = new byte[side * side * 3];
        for (int i = 0; i < rgb.length; i += 3) {
            rgb[i] = (byte) red;
            rgb[i + 1] = (byte) green;
            rgb[i + 2] = (byte) blue;
        }
        return new RgbImage(side, side, rgb);
    }

    private Features open(String output) {
        FeaturesConfig config = new FeaturesConfig("model", null, null, null, output, "cpu");
        return new OnnxFeaturesFactory().create(config, new Context(folder, "cpu", 2, warning -> {}));
    }

    @Nested
    class Contract extends FeaturesContract {
        @BeforeEach
        void write() throws IOException {
            model(TinyModels.vision(new OnnxGraph(), -1));
        }

        @Override
        protected Features create() {
            return open(null);
        }
    }

    private Path model(OnnxGraph graph) throws IOException {
        Path model = Files.createDirectories(folder.resolve("model"));
        TinyModels.write(model, graph);
        return model;
    }

    @Test
    void aVectorIsTheEmbeddingOfAImageOfAnySize() throws IOException {
        Path model = model(TinyModels.vision(new OnnxGraph(), -1));
        try (Features features = open(null)) {
            assertThat(features.width()).isEqualTo(3);
            assertThat(features.files())
                    .containsExactlyInAnyOrder(model.resolve("model.onnx"), model.resolve("preprocessor_config.json"));
            assertThat(features.facts()).containsEntry("output", "image_embeds");
            float[][] vectors = features.of(List.of(colour(8, 255, 0, 51), colour(20, 0, 102, 0)));
            assertThat(vectors[0]).containsExactly(new float[] {1, 0, 0.2f}, within(1e-6f));
            assertThat(vectors[1]).containsExactly(new float[] {0, 0.4f, 0}, within(1e-6f));
            assertThat(features.of(List.of(colour(20, 0, 102, 0)))[0]).isEqualTo(vectors[1]);
        }
    }

    @Test
    void theOnlyOutputOfAClassifierIsOneToo() throws IOException {
        model(TinyModels.brightness(-1, 3, 8, 8));
        try (Features features = open(null)) {
            assertThat(features.width()).isEqualTo(1);
            assertThat(features.of(List.of(colour(8, 51, 51, 51)))[0])
                    .containsExactly(new float[] {0.2f}, within(1e-6f));
        }
        assertThatThrownBy(() -> open("image_embeds"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no output image_embeds");
    }

    @Test
    void ofSeveralOutputsOneIsNamed() throws IOException {
        model(TinyModels.vision(new OnnxGraph(), -1)
                .node(
                        "ReduceMean",
                        List.of("image_embeds"),
                        "grey",
                        Attribute.list("axes", 1L),
                        Attribute.of("keepdims", 1))
                .output("grey", DataType.FLOAT, -1, 1));
        try (Features named = open("grey");
                Features usual = open(null)) {
            assertThat(named.width()).isEqualTo(1);
            assertThat(usual.width()).isEqualTo(3);
        }
        assertThatThrownBy(() -> open("colour"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no output colour")
                .hasMessageContaining("image_embeds");
    }

    @Test
    void weightsBesideTheModelCount() throws IOException {
        Path model = model(TinyModels.vision(new OnnxGraph(), -1));
        Files.writeString(model.resolve("model.onnx_data"), "weights");
        Files.writeString(model.resolve("model.onnx.data"), "weights");
        try (Features features = open(null)) {
            assertThat(features.files()).contains(model.resolve("model.onnx_data"), model.resolve("model.onnx.data"));
        }
    }

    @Test
    void whatIsNoVectorOfANumberIsRefused() throws IOException {
        model(new OnnxGraph()
                .input("pixel_values", DataType.FLOAT, -1, 3, 8, 8)
                .node("Log", List.of("pixel_values"), "logs")
                .output("logs", DataType.FLOAT, -1, 3, 8, 8));
        try (Features features = open(null)) {
            assertThat(features.width()).isEqualTo(3 * 8 * 8);
            assertThat(features.of(List.of(colour(8, 255, 255, 255)))[0])
                    .usingComparatorWithPrecision(1e-5f)
                    .containsOnly(0);
            assertThatThrownBy(() -> features.of(List.of(colour(8, 0, 0, 0)))) // the logarithm of black
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("a value that is not a number (-Infinity)")
                    .hasMessageContaining(folder.resolve("model").toString());
        }
    }

    @Test
    void messagesNameTheKeysOfFeatures() throws IOException {
        Path model = model(TinyModels.vision(new OnnxGraph(), -1));
        assertThatThrownBy(() -> open("colour"))
                .hasMessageContaining("features.output")
                .hasMessageNotContaining("reward.yaml");
        Files.delete(model.resolve("preprocessor_config.json"));
        assertThatThrownBy(() -> open(null))
                .hasMessageContaining("features.preprocess: {size")
                .hasMessageNotContaining("reward.yaml");
    }
}
