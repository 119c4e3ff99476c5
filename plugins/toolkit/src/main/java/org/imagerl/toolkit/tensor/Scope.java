package org.imagerl.toolkit.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import java.util.function.Supplier;

/**
 * Frees intermediate arrays. An operation's result lives until its manager closes, unless it was made inside a scope: then it is
 * freed when the scope ends. Closing the Java handle of an array that a recorded graph still needs is safe, the graph keeps
 * its own reference.
 */
public final class Scope {
    private Scope() {}

    /** Runs the body, frees every array it made except its result of any shape, which passes to the surrounding scope. */
    public static NDArray of(Supplier<NDArray> body) {
        NDArray result;
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            result = body.get();
            NDScope.unregister(result);
        }
        NDScope.register(result);
        return result;
    }

    /** Runs the body and frees every array it made. */
    public static void run(Runnable body) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            body.run();
        }
    }

    /** Takes an array of any shape out of the innermost scope: it lives until its manager closes. */
    public static NDArray keep(NDArray array) {
        NDScope.unregister(array);
        return array;
    }
}
