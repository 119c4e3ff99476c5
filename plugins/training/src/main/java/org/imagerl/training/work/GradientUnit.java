package org.imagerl.training.work;

import org.imagerl.spi.Advantages;
import org.imagerl.spi.LossTerms;
import org.jspecify.annotations.Nullable;

/**
 * One micro-batch of an update.
 *
 * @param policy the weights that gradients are computed at: the live ones
 * @param rollout the name of the rollout that the samples are of
 * @param rows the samples
 * @param advantages of these samples, clamped and scaled
 * @param steps that are trained, ascending
 * @param share of the update: the gradient is multiplied by this
 * @param lossScale by which the gradient is multiplied too, and the metrics are not; a power of two
 * @param onPolicy whether the weights are still those that sampled
 * @param seed of the objective's random streams, the same for all micro-batches of an update
 * @param progress share of the run's epochs that are trained, from 0
 * @param marks by sample and step, what the look at the whole update gave, NaN for none; null without one
 * @param terms of the loss that are differentiated
 * @param firstPass whether the objective's first pass alone is computed: what an update would do, step by step
 */
public record GradientUnit(
        PolicyVersion policy,
        String rollout,
        int[] rows,
        Advantages advantages,
        int[] steps,
        double share,
        double lossScale,
        boolean onPolicy,
        long seed,
        double progress,
        double @Nullable [][] marks,
        LossTerms terms,
        boolean firstPass) {}
