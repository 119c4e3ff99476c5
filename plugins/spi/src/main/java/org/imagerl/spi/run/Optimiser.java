package org.imagerl.spi.run;

import org.imagerl.spi.Stateful;

/** Turns the gradients that trained tensors have accumulated into new values of them. Its memory begins at its making. */
public interface Optimiser extends Stateful, AutoCloseable {

    /**
     * What one step did.
     *
     * @param gradNorm global norm of the gradients, before whatever limits it
     * @param skipped whether the norm was not finite, so that nothing was changed
     */
    record Step(double gradNorm, boolean skipped) {}

    /** Applies the accumulated gradients, and clears them. */
    Step step(double learningRate);

    /** Global norm of the accumulated gradients, which are then cleared: no weight changes. */
    double discard();

    /** Number of steps so far that changed weights. */
    long steps();

    /** Frees native memory; the trained tensors are not owned. */
    @Override
    void close();
}
