package org.imagerl.toolkit.original;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A tensor of the model's own code, and the weights of our network that it consists of.
 *
 * @param name in the file, without the prefix of the component
 * @param weights in the order of their rows
 */
public record OriginalTensor(String name, List<Weight> weights) {

    /**
     * A weight that is a part of the tensor.
     *
     * @param key of the network
     * @param shape in the network
     * @param place in the tensor
     */
    public record Weight(String key, Shape shape, OriginalKey place) {}

    /** Keeps its own copy of the list. */
    public OriginalTensor {
        weights = List.copyOf(weights);
    }

    /** All tensors that the weights of a network are, by name. */
    public static SortedMap<String, OriginalTensor> of(Map<String, Shape> declared, OriginalLayout layout) {
        SortedMap<String, SortedMap<Integer, Weight>> parts = new TreeMap<>();
        declared.forEach((key, shape) -> {
            OriginalKey place = layout.of(key);
            if (place.form() != OriginalKey.Form.IDENTITY) {
                Weight before = parts.computeIfAbsent(place.tensor(), name -> new TreeMap<>())
                        .put(place.part(), new Weight(key, shape, place));
                if (before != null) {
                    throw new IllegalStateException(key + " and " + before.key() + " are the same part of "
                            + place.tensor() + " in the layout");
                }
            }
        });
        SortedMap<String, OriginalTensor> tensors = new TreeMap<>();
        parts.forEach((name, weights) -> tensors.put(name, new OriginalTensor(name, List.copyOf(weights.values()))));
        return tensors;
    }

    /** Its shape in the file. */
    public Shape shape() {
        Weight first = weights.get(0);
        if (weights.size() == 1) {
            return first.place().original(first.shape());
        }
        long[] shape = first.shape().getShape().clone();
        shape[0] = weights.stream().mapToLong(weight -> weight.shape().get(0)).sum();
        return new Shape(shape);
    }
}
