package org.imagerl.spi;

import java.util.Set;

/**
 * Turns trajectories and advantages into a loss. The loop runs {@code passes} forward and backward passes per micro-batch,
 * adds the gradients (each weighted so that the sum is the mean over samples and passes), and knows nothing else of it.
 */
public interface Objective {

    /**
     * What must hold for the objective to make sense; checked before anything runs.
     *
     * @param density whether transitions must have a density (stochastic dynamics), and are stored with it
     * @param noise whether their noise is stored too
     * @param weights the weights that must be kept beside the current ones
     */
    record Needs(boolean density, boolean noise, Set<WeightSet> weights) {
        public Needs {
            weights = Set.copyOf(weights);
        }
    }

    /** What must hold for the objective to make sense. */
    Needs needs();

    /** Number of forward-backward passes for one micro-batch, for instance one per trained step. */
    int passes(Batch batch);

    /** The loss of one pass, recorded for differentiation. Called with gradients on. */
    Loss loss(Policy policy, Batch batch, int pass);
}
