package org.imagerl.training.config;

import org.imagerl.config.Auto;

/**
 * How an epoch's images are cut into updates.
 *
 * @param samples images per epoch: prompts x images of each
 * @param updates optimiser steps per pass over the epoch's images
 * @param samplesPerUpdate images behind one optimiser step
 * @param microBatch images per forward and backward pass; 1 where that is to be found
 * @param accumulation micro-batches per optimiser step, whose gradients are added
 */
public record BatchPlan(int samples, int updates, int samplesPerUpdate, int microBatch, int accumulation) {

    /**
     * The plan of a run.
     *
     * @param prompts per epoch
     * @param images of each prompt
     * @throws IllegalArgumentException if something does not divide evenly, with the arithmetic and what would
     */
    public static BatchPlan of(int prompts, int images, OptimiserConfig optimiser) {
        int samples = Math.multiplyExact(prompts, images);
        int updates = optimiser.updatesPerEpoch();
        if (samples % updates != 0) {
            throw new IllegalArgumentException("updates_per_epoch must divide the images of an epoch: "
                    + prompts + " prompts x " + images + " samples = " + samples
                    + " images; " + instead(samples, updates));
        }
        int perUpdate = samples / updates;
        boolean found = optimiser.microBatch() != Auto.VALUE;
        int micro = found ? optimiser.microBatch() : 1;
        if (perUpdate % micro != 0) {
            throw new IllegalArgumentException("micro_batch must divide the images of an update: " + samples
                    + " images / " + updates + " updates = " + perUpdate + "; " + instead(perUpdate, micro));
        }
        return new BatchPlan(samples, updates, perUpdate, micro, perUpdate / micro);
    }

    /** The same of a run whose parts are made. */
    public static BatchPlan of(RunConfig config, RunParts parts) {
        return of(config.rollout().promptsPerEpoch(), parts.imagesPerPrompt(), config.optimiser());
    }

    /**
     * The batches of an epoch's rollout: as many as images where the size of a batch is to be found, which leaves every
     * worker one.
     */
    public int batches(RolloutConfig rollout) {
        int size = Math.max(1, rollout.batchSize());
        return (samples + size - 1) / size;
    }

    private static String instead(int whole, int wanted) {
        return wanted + " does not; the nearest that does is " + nearest(whole, wanted);
    }

    /** The divisor of {@code whole} that is nearest to {@code wanted}, the lower of two. */
    private static int nearest(int whole, int wanted) {
        for (int distance = 1; ; distance++) {
            if (wanted > distance && whole % (wanted - distance) == 0) {
                return wanted - distance;
            }
            if (whole % (wanted + distance) == 0) {
                return wanted + distance;
            }
        }
    }
}
