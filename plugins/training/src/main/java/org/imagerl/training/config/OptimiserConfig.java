package org.imagerl.training.config;

import org.imagerl.config.Auto;
import org.imagerl.config.Inline;
import org.imagerl.config.Range;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.spi.run.UpdateRule;

/**
 * How updates are made, {@code type} and settings of the optimiser, and how an epoch's images are cut into updates.
 *
 * @param rule how gradients become new weights
 * @param learningRate step size after warm-up
 * @param warmupSteps updates over which the learning rate rises linearly from 0
 * @param schedule of the learning rate after warm-up, to 0 at the last update unless constant
 * @param emaDecay of the moving average of trained weights, which is then what is evaluated and exported; 0 is none
 *     Its decay warms up: {@code d = min((1 + k) / (10 + k), ema_decay)} with k = max(0, n - ema_delay) after n updates
 * @param emaEvery the average moves after every update n for which this divides n + 1 (as Flow-GRPO's code counts)
 * @param emaDelay updates that the warm-up does not count: 0 as Flow-GRPO's code, 1 as diffusers
 * @param microBatch images per forward and backward pass; matters for memory and speed only
 * @param updatesPerEpoch optimiser steps into which an epoch's images are divided evenly
 * @param innerEpochs passes over an epoch's images
 */
public record OptimiserConfig(
        @Inline BoundPart<UpdateRule> rule,
        @Range(min = 0, above = true) double learningRate,
        @Range(min = 0) int warmupSteps,
        LearningRate schedule,
        @Range(min = 0, max = 1, below = true) double emaDecay,
        @Range(min = 1) int emaEvery,
        @Range(min = 0) int emaDelay,
        @Auto @Range(min = 1) int microBatch,
        @Range(min = 1) int updatesPerEpoch,
        @Range(min = 1) int innerEpochs) {
    /** Learning rate after warm-up. */
    public enum LearningRate {
        CONSTANT,
        LINEAR,
        COSINE
    }
}
