package org.imagerl.spi.run;

import ai.djl.ndarray.NDArray;
import java.util.Collections;
import java.util.SortedMap;
import org.imagerl.spi.Stateful;

/**
 * Turns the gradients that trained tensors have accumulated into new values of them. Its memory is empty when it is
 * made.
 */
public interface Optimiser extends Stateful, AutoCloseable {

    /**
     * What one step did.
     *
     * @param gradNorm global norm of the gradients, before whatever limits it
     * @param skipped whether the norm was not finite, so that nothing was changed
     */
    record Step(double gradNorm, boolean skipped) {}

    /**
     * Weights at which the gradient of the next update is wanted too, by name of the trained tensor, float32 of any
     * shape; empty if there are none. The updater puts them in the place of the trained tensors, accumulates the
     * gradients of the same update, calls {@link #compare}, and puts the trained tensors back.
     */
    default SortedMap<String, NDArray> compared() {
        return Collections.emptySortedMap();
    }

    /** Takes the accumulated gradients as those at {@link #compared}, and clears them. */
    default void compare() {
        throw new IllegalStateException("this optimiser compares with no other weights");
    }

    /** Applies the accumulated gradients, and clears them. */
    Step step(double learningRate);

    /** Global norm of the accumulated gradients, which are then cleared: no weight changes. */
    double discard();

    /** Number of steps so far that changed weights. */
    long steps();

    /**
     * What is evaluated, averaged and exported, by name of the trained tensor, float32 of any shape, if that are not the trained tensors themselves: an optimiser
     * may hold in those a point beside the weights that it arrives at, at which rollouts are sampled and differentiated. Empty if they are the same.
     * Among the tensors of the state; moved in place by {@link #step}.
     */
    default SortedMap<String, NDArray> evaluated() {
        return Collections.emptySortedMap();
    }

    /** Frees native memory; the trained tensors are not owned. */
    @Override
    void close();
}
