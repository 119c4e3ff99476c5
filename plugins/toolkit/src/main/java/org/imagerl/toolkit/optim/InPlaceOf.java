package org.imagerl.toolkit.optim;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.InPlaceKernels;
import org.imagerl.toolkit.tensor.Scope;

/** Trained tensors exchanged for other values, for a while. */
public final class InPlaceOf {
    private InPlaceOf() {}

    /**
     * Runs the body with other values in the place of trained tensors: the values of both are exchanged, and exchanged again at the end.
     *
     * @param parameters float32 of any shape, by name
     * @param others float32, by the same names, each of the shape of its parameter
     */
    public static <T> T with(Map<String, NDArray> parameters, Map<String, NDArray> others, Supplier<T> body) {
        swap(parameters, others);
        try {
            return body.get();
        } finally {
            swap(parameters, others);
        }
    }

    private static void swap(Map<String, NDArray> parameters, Map<String, NDArray> others) {
        Gradients.off(() -> {
            others.forEach((name, other) -> Scope.run(() -> {
                NDArray parameter = Objects.requireNonNull(parameters.get(name));
                NDArray saved = parameter.duplicate();
                InPlaceKernels.copyInPlace(parameter, other);
                InPlaceKernels.copyInPlace(other, saved);
            }));
            return null;
        });
    }
}
