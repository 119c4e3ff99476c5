package org.imagerl.rewards.onnx;

import ai.onnxruntime.MapInfo;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.TensorInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.imagerl.spi.text.Quote;

/**
 * An input or output of a model.
 *
 * @param name as the model has it; it may hold anything: see {@link #toString} and {@link #shown}
 * @param element of the tensor; {@link Element#OTHER} if it is none
 * @param type for people: {@code float}, {@code string}, {@code sequence}
 * @param shape lengths of the dimensions, -1 for one that is not fixed; empty for one number, and where the model does not say its shape
 */
public record TensorSpec(String name, Element element, String type, List<Long> shape) {

    /** Length of a dimension, -1 if it is not fixed or does not exist; negative indices count from the end. */
    public long length(int dimension) {
        int index = dimension < 0 ? shape.size() + dimension : dimension;
        return index >= 0 && index < shape.size() ? shape.get(index) : -1;
    }

    /** The number of elements where all dimensions but those that are not fixed count; saturates. */
    public double leastElements() {
        return shape.stream()
                .filter(length -> length >= 0)
                .mapToDouble(Long::doubleValue)
                .reduce(1, (a, b) -> a * b);
    }

    /** The name as it may stand in a message. */
    public String shown() {
        return shown(name);
    }

    /** A name of a model as it may stand in a message: without what a terminal would obey, and not long. */
    public static String shown(String name) {
        return name.length() > 80 || !Quote.plain(name).equals(name) ? Quote.of(name) : name;
    }

    /** Name, type and shape: {@code pixel_values float[any, 3, 224, 224]}. */
    @Override
    public String toString() {
        String lengths = shape.stream()
                .map(length -> length < 0 ? "any" : Long.toString(length))
                .collect(Collectors.joining(", ", "[", "]"));
        return shown() + " " + type + (element == Element.OTHER && shape.isEmpty() ? "" : lengths);
    }

    /** Several, with commas between them. */
    public static String list(List<TensorSpec> tensors) {
        return tensors.isEmpty()
                ? "none"
                : tensors.stream().map(TensorSpec::toString).collect(Collectors.joining(", "));
    }

    /** The inputs or outputs of a model, in its order. */
    static List<TensorSpec> all(Collection<NodeInfo> nodes) {
        List<TensorSpec> tensors = new ArrayList<>();
        for (NodeInfo node : nodes) {
            if (node.getInfo() instanceof TensorInfo tensor) {
                tensors.add(new TensorSpec(
                        node.getName(),
                        Element.of(tensor),
                        Element.word(tensor),
                        Arrays.stream(tensor.getShape()).boxed().toList()));
            } else {
                String type = node.getInfo() instanceof MapInfo ? "map" : "sequence";
                tensors.add(new TensorSpec(node.getName(), Element.OTHER, type, List.of()));
            }
        }
        return List.copyOf(tensors);
    }
}
