package org.imagerl.bench.reward;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.imagerl.hub.tokenizer.CharacterVocabulary;
import org.imagerl.rewards.onnx.OnnxGraph;
import org.imagerl.rewards.onnx.OnnxGraph.Attribute;

/**
 * Writes the folder of a CLIP of the shapes of ViT-B/32 (images 224 x 224, patches of 32, width 768; texts of 77
 * tokens, width 512; embeddings of 512) with random weights. Its scores mean nothing: it serves to measure time.
 */
final class RandomClip {
    /** Length of every text. */
    static final int TOKENS = 77;

    private static final int SIDE = 224;
    private static final int PATCH = 32;
    private static final int PATCHES = (SIDE / PATCH) * (SIDE / PATCH);
    private static final int VISION_WIDTH = 768;
    private static final int TEXT_WIDTH = 512;
    private static final int EMBEDDING = 512;
    private static final int HEAD = 64;
    private static final int VOCABULARY = 49_408;
    private static final double STD = 0.02;

    private final OnnxGraph graph = new OnnxGraph();
    private final OnnxGraph.DataFile data;
    private final SplittableRandom random = new SplittableRandom(0);
    private int names;

    private RandomClip(OnnxGraph.DataFile data) {
        this.data = data;
    }

    /** Writes {@code model.onnx}, its weights, {@code preprocessor_config.json} and a tokenizer. */
    static void write(Path folder, int layers) throws IOException {
        try (OnnxGraph.DataFile data = new OnnxGraph.DataFile(folder.resolve("model.onnx_data"))) {
            RandomClip clip = new RandomClip(data);
            clip.vision(layers);
            clip.text(layers);
            clip.graph.write(folder.resolve("model.onnx"));
        }
        Files.writeString(
                folder.resolve("preprocessor_config.json"),
                "{\"image_processor_type\": \"CLIPImageProcessor\", \"size\": {\"shortest_edge\": 224}, \"crop_size\": 224}");
        CharacterVocabulary.write(folder, TOKENS);
    }

    private void vision(int layers) throws IOException {
        graph.input("pixel_values", DataType.FLOAT, -1, 3, SIDE, SIDE);
        String kernels = weights(VISION_WIDTH, 3, PATCH, PATCH);
        String patches =
                node("Conv", List.of("pixel_values", kernels), Attribute.list("strides", (long) PATCH, (long) PATCH));
        String rows = node("Reshape", List.of(patches, integers(0, VISION_WIDTH, PATCHES)));
        String tokens = node("Transpose", List.of(rows), Attribute.list("perm", 0L, 2L, 1L));
        // The class token stands first, once per image: the mean of the patches times 0, plus its vector.
        String mean = node("ReduceMean", List.of(tokens), Attribute.list("axes", 1L), Attribute.of("keepdims", 1));
        String none = node("Mul", List.of(mean, constant(0)));
        String first = node("Add", List.of(none, weights(1, 1, VISION_WIDTH)));
        String all = node("Concat", List.of(first, tokens), Attribute.of("axis", 1));
        String placed = node("Add", List.of(all, weights(1, PATCHES + 1, VISION_WIDTH)));
        String hidden = norm(placed, VISION_WIDTH);
        for (int layer = 0; layer < layers; layer++) {
            hidden = block(hidden, VISION_WIDTH, PATCHES + 1, "");
        }
        embedding(hidden, VISION_WIDTH, 0, "image_embeds");
    }

    private void text(int layers) throws IOException {
        graph.input("input_ids", DataType.INT64, -1, TOKENS);
        String embedded = node("Gather", List.of(weights(VOCABULARY, TEXT_WIDTH), "input_ids"));
        String hidden = node("Add", List.of(embedded, weights(1, TOKENS, TEXT_WIDTH)));
        String mask = causalMask();
        for (int layer = 0; layer < layers; layer++) {
            hidden = block(hidden, TEXT_WIDTH, TOKENS, mask);
        }
        embedding(norm(hidden, TEXT_WIDTH), TEXT_WIDTH, TOKENS - 1, "text_embeds");
    }

    private String causalMask() {
        float[] mask = new float[TOKENS * TOKENS];
        for (int i = 0; i < TOKENS; i++) {
            for (int j = i + 1; j < TOKENS; j++) {
                mask[i * TOKENS + j] = -1e9f;
            }
        }
        String name = name();
        graph.weights(name, mask, 1, 1, TOKENS, TOKENS);
        return name;
    }

    /** A layer of a transformer; {@code mask} is added to the attention, or empty. */
    private String block(String in, int width, int tokens, String mask) throws IOException {
        String normed = norm(in, width);
        String query = heads(linear(normed, width, width), width, tokens, 0, 2, 1, 3);
        String key = heads(linear(normed, width, width), width, tokens, 0, 2, 3, 1);
        String value = heads(linear(normed, width, width), width, tokens, 0, 2, 1, 3);
        String scores = node("Mul", List.of(node("MatMul", List.of(query, key)), constant(1 / Math.sqrt(HEAD))));
        String masked = mask.isEmpty() ? scores : node("Add", List.of(scores, mask));
        String attention = node("Softmax", List.of(masked), Attribute.of("axis", -1));
        String mixed = node(
                "Transpose",
                List.of(node("MatMul", List.of(attention, value))),
                Attribute.list("perm", 0L, 2L, 1L, 3L));
        String joined = node("Reshape", List.of(mixed, integers(0, tokens, width)));
        String attended = node("Add", List.of(in, linear(joined, width, width)));
        String wide = linear(norm(attended, width), width, 4 * width);
        String gate = node("Sigmoid", List.of(node("Mul", List.of(wide, constant(1.702))))); // QuickGELU
        String narrow = linear(node("Mul", List.of(wide, gate)), 4 * width, width);
        return node("Add", List.of(attended, narrow));
    }

    private String heads(String in, int width, int tokens, long... permutation) {
        String split = node("Reshape", List.of(in, integers(0, tokens, width / HEAD, HEAD)));
        Long[] order = new Long[permutation.length];
        for (int i = 0; i < order.length; i++) {
            order[i] = permutation[i];
        }
        return node("Transpose", List.of(split), Attribute.list("perm", order));
    }

    /** One token, normalised, projected, and divided by its length. */
    private void embedding(String hidden, int width, int token, String output) throws IOException {
        String one = node("Gather", List.of(hidden, integers(token)), Attribute.of("axis", 1));
        String flat = node("Reshape", List.of(norm(one, width), integers(-1, width)));
        String projected = node("MatMul", List.of(flat, weights(width, EMBEDDING)));
        String length = node("ReduceL2", List.of(projected), Attribute.list("axes", 1L), Attribute.of("keepdims", 1));
        graph.node("Div", List.of(projected, length), output);
        graph.output(output, DataType.FLOAT, -1, EMBEDDING);
    }

    private String linear(String in, int from, int to) throws IOException {
        return node("Add", List.of(node("MatMul", List.of(in, weights(from, to))), weights(to)));
    }

    private String norm(String in, int width) throws IOException {
        return node("LayerNormalization", List.of(in, weights(width), weights(width)), Attribute.of("axis", -1));
    }

    private String weights(long... shape) throws IOException {
        String name = name();
        graph.weights(name, () -> STD * (2 * random.nextDouble() - 1), data, shape);
        return name;
    }

    private String constant(double value) {
        String name = name();
        graph.weights(name, new float[] {(float) value}, 1);
        return name;
    }

    private String integers(long... values) {
        List<Long> list = new ArrayList<>();
        for (long value : values) {
            list.add(value);
        }
        String name = name();
        graph.integers(name, list);
        return name;
    }

    private String node(String operator, List<String> inputs, AttributeProto... attributes) {
        String name = name();
        graph.node(operator, inputs, name, attributes);
        return name;
    }

    private String name() {
        return "v" + names++;
    }
}
