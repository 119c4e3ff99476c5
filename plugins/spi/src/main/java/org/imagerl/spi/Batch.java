package org.imagerl.spi;

/**
 * One micro-batch as an objective sees it.
 *
 * @param trajectories the rollouts
 * @param advantages per sample, already clamped; positive means do this more
 * @param trainedSteps the steps of the chain that are trained, ascending
 * @param onPolicy whether the weights are still those that sampled the rollouts, so that every ratio must be 1
 */
public record Batch(Trajectories trajectories, double[] advantages, int[] trainedSteps, boolean onPolicy) {}
