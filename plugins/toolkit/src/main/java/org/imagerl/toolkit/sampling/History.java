package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import org.imagerl.toolkit.tensor.Scope;

/** The values that the steps of one walk leave for later steps; each is freed as soon as no step needs it. */
final class History implements AutoCloseable {
    private final NDManager manager;
    private List<NDArray> arrays = List.of();

    /** @param manager owns what is remembered */
    History(NDManager manager) {
        this.manager = manager;
    }

    List<NDArray> arrays() {
        return arrays;
    }

    /** Takes the arrays of a step out of its scope. */
    void replace(List<NDArray> next) {
        for (NDArray array : next) {
            if (!holds(arrays, array)) {
                array.attach(manager);
                Scope.keep(array);
            }
        }
        List<NDArray> before = arrays;
        arrays = next;
        before.stream().filter(array -> !holds(next, array)).forEach(NDArray::close);
    }

    /** By identity: equality of arrays compares their values. */
    private static boolean holds(List<NDArray> arrays, NDArray wanted) {
        return arrays.stream().anyMatch(array -> array == wanted);
    }

    @Override
    public void close() {
        replace(List.of());
    }
}
