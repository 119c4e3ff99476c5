package org.imagerl.rewards.detect;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.rewards.onnx.OnnxGraph;
import org.imagerl.rewards.onnx.OnnxGraph.Attribute;
import org.imagerl.spi.Prompt;

/** Detectors of a few kilobytes, whose input has 16 x 16 pixels and whose classes are cat, dog and cup. */
final class TinyDetectors {
    private TinyDetectors() {}

    /** A model that gives the same outputs for every image. */
    static OnnxGraph constant(Map<String, float[]> values, Map<String, long[]> shapes) {
        OnnxGraph graph = new OnnxGraph().input("images", DataType.FLOAT, 1, 3, 16, 16);
        values.forEach((name, table) -> graph.weights(name + "_table", table, shapes.get(name))
                .node("Identity", List.of(name + "_table"), name)
                .output(name, DataType.FLOAT, shapes.get(name)));
        return graph;
    }

    /** One output of this shape. */
    static OnnxGraph constant(float[] values, long... shape) {
        return constant(Map.of("output0", values), Map.of("output0", shape));
    }

    /**
     * A model of the layout {@code lists} that finds one cat: its box lies about the centre of what is bright in its input and has a size of 4 x 2 pixels.
     *
     * @param batch of its input, -1 for any
     */
    static OnnxGraph brightest(long batch) {
        float[] ramp = new float[16];
        for (int i = 0; i < 16; i++) {
            ramp[i] = i + 0.5f;
        }
        OnnxGraph graph = new OnnxGraph()
                .input("images", DataType.FLOAT, batch, 3, 16, 16)
                .weights("across", ramp, 1, 1, 1, 16)
                .weights("down", ramp, 1, 1, 16, 1)
                .weights("size", new float[] {4, 2}, 1, 1, 2)
                .integers("row", List.of(-1L, 1L, 1L));
        mean(graph, "images", "all");
        for (String side : List.of("across", "down")) {
            graph.node("Mul", List.of("images", side), side + "_weighted");
            mean(graph, side + "_weighted", side + "_mean");
            graph.node("Div", List.of(side + "_mean", "all"), side + "_flat")
                    .node("Reshape", List.of(side + "_flat", "row"), side + "_centre");
        }
        return graph.node("Concat", List.of("across_centre", "down_centre"), "centre", Attribute.of("axis", 2))
                .node("Mul", List.of("centre", "zero"), "nothing")
                .weights("zero", new float[] {0}, 1)
                .node("Add", List.of("nothing", "size"), "sizes")
                .node("Concat", List.of("centre", "sizes"), "boxes", Attribute.of("axis", 2))
                .output("boxes", DataType.FLOAT, batch, 1, 4)
                .node("Div", List.of("all", "all"), "scores")
                .output("scores", DataType.FLOAT, batch)
                .node("Mul", List.of("all", "zero"), "labels")
                .output("labels", DataType.FLOAT, batch);
    }

    private static void mean(OnnxGraph graph, String of, String name) {
        graph.node("ReduceMean", List.of(of), name, Attribute.list("axes", 1L, 2L, 3L), Attribute.of("keepdims", 0));
    }

    static void write(Path folder, OnnxGraph graph) throws IOException {
        Files.createDirectories(folder);
        graph.write(folder.resolve("model.onnx"));
        Files.writeString(folder.resolve("classes.txt"), "cat\ndog\ncup\n");
    }

    /** A prompt with GenEval's fields. */
    static Prompt prompt(String tag, String include) {
        return new Prompt("p", "a photo", Map.of("tag", tag, "include", include));
    }
}
