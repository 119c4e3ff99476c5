package org.imagerl.rewards.model;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.hub.tokenizer.CharacterVocabulary;
import org.imagerl.rewards.onnx.OnnxGraph;
import org.imagerl.rewards.onnx.OnnxGraph.Attribute;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Reward;

/** Model folders of a few kilobytes with the file and tensor names of Optimum. */
final class TinyModels {
    static final Context CONTEXT = new Context(Path.of(""), "cpu", 2, warning -> {});

    private static final String PREPROCESSOR = """
            {"image_processor_type": "CLIPImageProcessor", "do_resize": true, "size": {"shortest_edge": 8},
             "resample": 3, "do_center_crop": true, "crop_size": {"height": 8, "width": 8}, "do_rescale": true,
             "rescale_factor": 0.00392156862745098, "do_normalize": true,
             "image_mean": [0.0, 0.0, 0.0], "image_std": [1.0, 1.0, 1.0]}
            """;

    private TinyModels() {}

    /** The mean of each colour is the embedding of an image, the mean of its letters' vectors that of a prompt. */
    static OnnxGraph clip() {
        return text(vision(new OnnxGraph(), -1))
                .node("Transpose", List.of("text_embeds"), "transposed")
                .node("MatMul", List.of("image_embeds", "transposed"), "logits_per_image")
                .output("logits_per_image", DataType.FLOAT, -1, -1);
    }

    static OnnxGraph vision(OnnxGraph graph, long batch) {
        return graph.input("pixel_values", DataType.FLOAT, batch, 3, 8, 8)
                .node(
                        "ReduceMean",
                        List.of("pixel_values"),
                        "image_embeds",
                        Attribute.list("axes", 2L, 3L),
                        Attribute.of("keepdims", 0))
                .output("image_embeds", DataType.FLOAT, batch, 3);
    }

    static OnnxGraph text(OnnxGraph graph) {
        float[] letters = new float[3 * CharacterVocabulary.size()];
        for (int i = 0; i < letters.length; i++) {
            letters[i] = (float) Math.sin(i);
        }
        return graph.input("input_ids", DataType.INT64, -1, -1)
                .input("attention_mask", DataType.INT64, -1, -1)
                .weights("letters", letters, CharacterVocabulary.size(), 3)
                .node("Gather", List.of("letters", "input_ids"), "gathered")
                .node(
                        "ReduceMean",
                        List.of("gathered"),
                        "text_embeds",
                        Attribute.list("axes", 1L),
                        Attribute.of("keepdims", 0))
                .output("text_embeds", DataType.FLOAT, -1, 3);
    }

    /** The mean of all values of an image, [batch, 1]. */
    static OnnxGraph brightness(long... shape) {
        return new OnnxGraph()
                .input("image", DataType.FLOAT, shape)
                .node(
                        "ReduceMean",
                        List.of("image"),
                        "mean",
                        Attribute.list("axes", 1L, 2L, 3L),
                        Attribute.of("keepdims", 0))
                .integers("column", List.of(-1L, 1L))
                .node("Reshape", List.of("mean", "column"), "score")
                .output("score", DataType.FLOAT, shape[0], 1);
    }

    static void write(Path folder, OnnxGraph graph) throws IOException {
        graph.write(folder.resolve("model.onnx"));
        Files.writeString(folder.resolve("preprocessor_config.json"), PREPROCESSOR);
    }

    static void writeTokenizer(Path folder) {
        CharacterVocabulary.write(folder, 77);
    }

    /** The configuration of a preset for a folder. */
    static OnnxConfig config(String preset, Path folder) {
        OnnxConfig d = (OnnxConfig) factory(preset).defaults();
        return of(folder, d, d.kind(), d.inputs(), d.output(), d.batchSize());
    }

    /** The same with other inputs, output or batch. */
    static OnnxConfig of(
            Path folder,
            OnnxConfig d,
            OnnxConfig.Kind kind,
            Map<String, String> inputs,
            OnnxConfig.Output output,
            Integer batch) {
        return new OnnxConfig(
                folder.toString(),
                kind,
                d.files(),
                d.preprocess(),
                d.tokenizer(),
                inputs,
                output,
                d.formula(),
                d.range(),
                d.higherIsBetter(),
                d.unit(),
                d.version(),
                d.license(),
                d.golden(),
                batch,
                "cpu");
    }

    static Factory<? extends Reward, ?> factory(String preset) {
        return Presets.factories().stream()
                .filter(factory -> factory.name().equals(preset))
                .findFirst()
                .orElseThrow();
    }

    static Reward reward(OnnxConfig config) {
        return ((OnnxRewardFactory) factory("onnx")).create(config, CONTEXT);
    }

    static Reward reward(String preset, Path folder) {
        return reward(config(preset, folder));
    }
}
