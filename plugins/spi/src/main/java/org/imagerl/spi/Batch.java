package org.imagerl.spi;

import ai.djl.ndarray.NDManager;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One micro-batch as an objective sees it.
 *
 * @param trajectories the rollouts
 * @param advantages already clamped and scaled; positive means do this more
 * @param trainedSteps the steps of the chain that are trained, ascending
 * @param onPolicy whether the weights are still those that sampled the rollouts, so that every ratio must be 1
 * @param seed of the random streams of objectives that draw: the same for all micro-batches of an update, another for every update
 * @param progress share of the run's epochs that are trained, from 0, for what changes over a run
 * @param marks by sample and step, what the look at the whole update gave ({@link Objective#survey}); null without one
 * @param terms of the loss that a pass is of
 * @param samples which of the epoch's samples these are: with {@code seed} they name streams that do not depend on how an update is cut
 */
public record Batch(
        Trajectories trajectories,
        Advantages advantages,
        int[] trainedSteps,
        boolean onPolicy,
        long seed,
        double progress,
        double @Nullable [][] marks,
        LossTerms terms,
        int[] samples) {

    /** In the first epoch, with advantages that all steps of a sample share. */
    public Batch(
            Trajectories trajectories,
            double[] advantages,
            int[] trainedSteps,
            boolean onPolicy,
            long seed,
            int[] samples) {
        this(
                trajectories,
                Advantages.ofSamples(advantages),
                trainedSteps,
                onPolicy,
                seed,
                0,
                null,
                LossTerms.ALL,
                samples);
    }

    /** The same with other trajectories of as many samples. */
    public Batch of(Trajectories others) {
        return new Batch(others, advantages, trainedSteps, onPolicy, seed, progress, marks, terms, samples);
    }

    /**
     * The chosen samples, in that order.
     *
     * @param manager owns their trajectories
     */
    public Batch rows(NDManager manager, int... rows) {
        double[][] all = marks;
        return new Batch(
                trajectories.rows(manager, rows),
                advantages.rows(rows),
                trainedSteps,
                onPolicy,
                seed,
                progress,
                all == null
                        ? null
                        : IntStream.of(rows).mapToObj(row -> all[row]).toArray(double[][]::new),
                terms,
                IntStream.of(rows).map(row -> samples[row]).toArray());
    }

    /** The same with these terms. */
    public Batch only(LossTerms other) {
        return new Batch(trajectories, advantages, trainedSteps, onPolicy, seed, progress, marks, other, samples);
    }
}
