package org.imagerl.rewards.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.TensorInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * An input or output of a model.
 *
 * @param name as the model has it
 * @param type of its elements
 * @param shape lengths of the dimensions, -1 for one that is not fixed
 */
public record Port(String name, OnnxJavaType type, List<Long> shape) {

    /** Length of a dimension, -1 if it is not fixed or does not exist; negative indices count from the end. */
    public long length(int dimension) {
        int index = dimension < 0 ? shape.size() + dimension : dimension;
        return index >= 0 && index < shape.size() ? shape.get(index) : -1;
    }

    @Override
    public String toString() {
        return name + " " + type.toString().toLowerCase(Locale.ROOT) + shape;
    }

    /** The inputs or outputs of a model that are tensors, in its order. */
    static List<Port> all(Collection<NodeInfo> nodes) {
        List<Port> ports = new ArrayList<>();
        for (NodeInfo node : nodes) {
            if (node.getInfo() instanceof TensorInfo tensor) {
                ports.add(new Port(
                        node.getName(),
                        tensor.type,
                        Arrays.stream(tensor.getShape()).boxed().toList()));
            }
        }
        return List.copyOf(ports);
    }
}
