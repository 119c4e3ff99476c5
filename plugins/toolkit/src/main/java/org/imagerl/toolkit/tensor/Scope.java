package org.imagerl.toolkit.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

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

    /**
     * Runs an array of any shape that nobody else needs through one part of a network after the other, and frees what
     * passes between them.
     */
    public static NDArray through(NDArray x, List<UnaryOperator<NDArray>> parts) {
        NDArray state = x;
        for (UnaryOperator<NDArray> part : parts) {
            NDArray next = part.apply(state);
            // A recorded graph holds what it needs itself.
            state.close();
            state = next;
        }
        return state;
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
