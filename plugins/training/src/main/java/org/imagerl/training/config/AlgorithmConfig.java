package org.imagerl.training.config;

import org.imagerl.config.Range;
import org.imagerl.config.ShortForm;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.FormerName;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Penalty;
import org.imagerl.spi.PenaltyGradient;
import org.imagerl.spi.Ratio;
import org.imagerl.spi.Selection;
import org.imagerl.spi.StepWeight;
import org.imagerl.spi.TrustRegion;
import org.jspecify.annotations.Nullable;

/**
 * How rewards become updates: a recipe of parts, or an objective of its own in their place.
 *
 * @param preset named algorithm whose parts lie beneath the ones given here
 * @param objective what does not fit the recipe; then there is no likelihood, ratio, trust region, step weight and penalty
 * @param likelihood what log pi(sample) means
 * @param ratio what is compared with the old policy
 * @param trustRegion which updates are stopped
 * @param stepWeight how the steps of a trajectory are balanced
 * @param penalty what keeps the policy near the reference; null is none
 * @param proximal what keeps the policy near what it was a moment ago, a second penalty; null is none
 * @param penaltyGradient how the gradients of penalty and proximal join that of the policy's loss
 * @param advantage how rewards become signs
 * @param selection which rollouts are trained on
 * @param maxAdvantage advantages are clamped to plus and minus this
 * @param advantageScale clamped advantages are multiplied by this
 * @param guidance scale of classifier-free guidance with which the policy is trained, 1 is none; by default that of the rollouts
 *     ({@code rollout.guidance}). Published code has {@code train.cfg: False} for 1. Only a likelihood without transitions can differ: a
 *     transition was made with the guidance of the rollouts
 * @param trainedSteps which steps of a trajectory are trained
 * @param trailing the moving average of the weights that some parts compare with; kept only if it is needed
 * @param sampledBy the weights that rollouts are sampled with
 */
@ShortForm("preset")
public record AlgorithmConfig(
        @Nullable String preset,
        @Nullable BoundPart<Objective> objective,
        @Nullable BoundPart<Likelihood> likelihood,
        @Nullable BoundPart<Ratio> ratio,
        @Nullable BoundPart<TrustRegion> trustRegion,
        @Nullable BoundPart<StepWeight> stepWeight,
        @Nullable BoundPart<Penalty> penalty,
        @Nullable BoundPart<Penalty> proximal,
        BoundPart<PenaltyGradient> penaltyGradient,
        BoundPart<Advantage> advantage,
        BoundPart<Selection> selection,
        @Range(min = 0, above = true) double maxAdvantage,
        @Range(min = 0, above = true) double advantageScale,
        @Nullable @Range(min = 1, max = 10_000) Double guidance,
        TrainedSteps trainedSteps,
        Trailing trailing,
        SampledBy sampledBy) {
    /**
     * A moving average of the trained weights, moved after every epoch: {@code average <- d average + (1 - d) weight} with
     * {@code d = min(decay, ramp max(0, k - delay))} after k optimiser steps, those of the epoch among them. With the defaults, those of Advantage
     * Weighted Matching, it is nearly the weights of the last epoch; DiffusionNFT has (0.5, 0.001, 0) or (0.999, 0.0075, 75).
     *
     * @param decay the largest d
     * @param ramp by which d grows per optimiser step
     * @param delay optimiser steps after which d begins to grow
     */
    public record Trailing(
            @Range(min = 0, max = 1, below = true) double decay,
            @Range(min = 0) double ramp,
            @Range(min = 0) int delay) {}

    /** The weights that sample rollouts. */
    public enum SampledBy {
        /** Those in training: the first update after rollouts is exactly on-policy. With the optimiser {@code n-pg-igt} that is its extrapolated point. */
        @FormerName("current")
        LIVE,
        /** Their trailing average: updates are off-policy from the first. */
        @FormerName("trailing")
        EMA
    }
}
