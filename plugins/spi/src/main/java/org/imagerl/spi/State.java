package org.imagerl.spi;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * The memory of a part between two epochs, which a run saves with its checkpoints and gives back, to the bit, when it is resumed.
 *
 * @param numbers by name
 * @param tensors float32, by name; the part goes on owning them
 */
public record State(Map<String, double[]> numbers, Map<String, NDArray> tensors) {
    /** Of a part without memory. */
    public static final State NONE = new State(Map.of(), Map.of());

    public State {
        numbers = Map.copyOf(numbers);
        tensors = Map.copyOf(tensors);
    }

    /** Of numbers alone. */
    public static State of(Map<String, double[]> numbers) {
        return new State(numbers, Map.of());
    }

    /** One count, which is kept exactly up to 2^53. */
    public static State count(String name, long count) {
        return of(Map.of(name, new double[] {count}));
    }

    /** These float32 tensors of any shape beside what there is. */
    public State with(Map<String, NDArray> more) {
        Map<String, NDArray> all = new TreeMap<>(tensors);
        all.putAll(more);
        return new State(numbers, all);
    }

    /**
     * One number.
     *
     * @throws IllegalStateException if the state has no single number of this name
     */
    public double number(String name) {
        double[] found = numbers.get(name);
        if (found == null || found.length != 1) {
            throw new IllegalStateException("the state has no number " + name + ", but " + numbers.keySet() + " ("
                    + Arrays.toString(found) + ")");
        }
        return found[0];
    }
}
