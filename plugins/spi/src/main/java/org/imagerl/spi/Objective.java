package org.imagerl.spi;

/**
 * Turns trajectories and advantages into a loss. The loop runs {@code passes} forward and backward passes per micro-batch,
 * adds the gradients (each weighted so that the sum is the mean over samples and passes), and knows nothing else of it.
 */
public interface Objective {

    /**
     * What must hold for the objective to make sense; checked before anything runs.
     *
     * @param density whether transitions must have a density (stochastic dynamics)
     * @param reference whether the reference policy must be kept
     */
    record Needs(boolean density, boolean reference) {}

    /** What must hold for the objective to make sense. */
    Needs needs();

    /** Number of forward-backward passes for one micro-batch, for instance one per trained step. */
    int passes(Batch batch);

    /** The loss of one pass, recorded for differentiation. Called with gradients on. */
    Loss loss(Policy policy, Batch batch, int pass);
}
