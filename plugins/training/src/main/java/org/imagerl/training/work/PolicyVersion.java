package org.imagerl.training.work;

import org.imagerl.spi.WeightSet;

/**
 * The weights that something is computed with. An executor that has those of another number of steps must not compute with them.
 *
 * @param steps of the optimiser before
 * @param weights which of the sets that an algorithm keeps
 * @param averaged whether the average that is evaluated and exported is in the place of the live weights, where the run has one
 */
public record PolicyVersion(long steps, WeightSet weights, boolean averaged) {

    /**
     * Makes sure that the weights are these.
     *
     * @param taken steps of the optimiser so far
     */
    public void requireAt(long taken) {
        if (steps != taken) {
            throw new IllegalStateException(
                    "the weights after " + steps + " optimiser steps are asked for, but there have been " + taken);
        }
    }
}
