package org.imagerl.training.loop;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.spi.State;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.nn.TensorFiles;
import org.imagerl.toolkit.tensor.Floats;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.training.work.FloatParts;
import org.imagerl.training.work.WorkFormat;

/**
 * All that work at the present version of the policy depends on, as bytes: every set of weights, and the numbers of all
 * parts that remember something. Where a run of the same configuration is open, these make its policy the same to the
 * bit. Of the optimiser's tensors they contain those that are evaluated.
 *
 * @param numbers by the name of the part and of the number
 * @param lengths of the tensors, by name
 */
public record PolicyMemory(SortedMap<String, Map<String, double[]>> numbers, SortedMap<String, Integer> lengths) {
    private static final String OPTIMISER = "policy.optimiser";

    /** The memory of a run, then its tensors in parts. */
    public static List<byte[]> write(OpenRun run) {
        SortedMap<String, Map<String, double[]>> numbers = new TreeMap<>();
        run.stateful().forEach((name, part) -> numbers.put(name, part.state().numbers()));
        SortedMap<String, float[]> values = new TreeMap<>();
        tensors(run).forEach((name, tensor) -> values.put(name, Floats.of(tensor)));
        List<byte[]> bytes = new ArrayList<>();
        bytes.add(WorkFormat.write(new PolicyMemory(numbers, FloatParts.lengths(values))));
        bytes.addAll(FloatParts.write(values, FloatParts.MAX_BYTES));
        return bytes;
    }

    /**
     * Gives a run the memory of another one.
     *
     * @param bytes as {@link #write} gave them
     * @throws UserException before anything is changed, if they are of a run of another configuration
     */
    public static void read(OpenRun run, List<byte[]> bytes) {
        PolicyMemory memory = WorkFormat.read(PolicyMemory.class, bytes.get(0));
        SortedMap<String, float[]> values = FloatParts.read(memory.lengths, bytes.subList(1, bytes.size()));
        SortedMap<String, NDArray> tensors = tensors(run);
        SortedMap<String, Integer> expected = new TreeMap<>();
        tensors.forEach((name, tensor) -> expected.put(name, Math.toIntExact(tensor.size())));
        if (!expected.equals(memory.lengths) || !run.stateful().keySet().equals(memory.numbers.keySet())) {
            throw UserException.input("the memory of a policy: is of a run of another configuration ("
                    + memory.lengths.size() + " tensors, expected " + expected.size() + ")");
        }
        Gradients.off(() -> {
            tensors.forEach((name, tensor) -> TensorFiles.overwrite(tensor, Objects.requireNonNull(values.get(name))));
            return tensors;
        });
        run.stateful().forEach((name, part) -> part.restore(State.of(memory.numbers.getOrDefault(name, Map.of()))));
    }

    private static SortedMap<String, NDArray> tensors(OpenRun run) {
        SortedMap<String, NDArray> tensors = new TreeMap<>();
        run.stateful().forEach((part, stateful) -> {
            if (!part.equals(OPTIMISER)) {
                stateful.state().tensors().forEach((name, tensor) -> tensors.put(part + "." + name, tensor));
            }
        });
        run.runtime().weights().passing().forEach((name, tensor) -> tensors.put("policy." + name, tensor));
        run.runtime()
                .optimiser()
                .evaluated()
                .forEach((name, tensor) -> tensors.put("policy.evaluated." + name, tensor));
        return tensors;
    }

    /** Tells two memories of a run apart: equal only if the weights are. */
    public static List<Long> version(OpenRun run) {
        return List.of(
                run.runtime().optimiser().steps(), run.runtime().weights().changes());
    }
}
