package org.imagerl.toolkit.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.spi.State;
import org.imagerl.spi.run.Optimiser;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.InPlaceKernels;
import org.imagerl.toolkit.tensor.Scope;

/** A step of an optimiser that is taken back. It costs a copy of the trained tensors and of the optimiser's memory while it lasts. */
public final class TrialStep {
    private TrialStep() {}

    /**
     * Steps along the accumulated gradients, which are used up, runs the body with the weights of after the step, and puts weights and optimiser back to the bit.
     *
     * @param parameters the trained tensors of the optimiser, float32 of any shape, by name
     * @param parent the copies live in a sub-manager of this
     */
    public static void run(
            Optimiser optimiser,
            SortedMap<String, NDArray> parameters,
            double learningRate,
            NDManager parent,
            Runnable body) {
        State state = optimiser.state();
        Map<String, NDArray> tensors = new TreeMap<>(state.tensors());
        parameters.forEach((name, parameter) -> tensors.put("live." + name, parameter));
        try (NDManager manager = parent.newSubManager()) {
            Map<String, NDArray> saved = Gradients.off(() -> copies(tensors, manager));
            try {
                optimiser.step(learningRate);
                body.run();
            } finally {
                Gradients.off(() -> {
                    tensors.forEach((name, tensor) ->
                            InPlaceKernels.copyInPlace(tensor, Objects.requireNonNull(saved.get(name))));
                    return null;
                });
                optimiser.restore(State.of(state.numbers()));
            }
        }
    }

    private static Map<String, NDArray> copies(Map<String, NDArray> tensors, NDManager manager) {
        Map<String, NDArray> copies = new TreeMap<>();
        tensors.forEach((name, tensor) -> {
            NDArray copy = Scope.keep(tensor.duplicate());
            copy.attach(manager);
            copies.put(name, copy);
        });
        return copies;
    }
}
