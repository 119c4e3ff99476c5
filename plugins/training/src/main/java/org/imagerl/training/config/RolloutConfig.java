package org.imagerl.training.config;

import java.util.List;
import org.imagerl.config.Auto;
import org.imagerl.config.Default;
import org.imagerl.config.Range;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Guidance;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.StepNoise;
import org.imagerl.spi.run.PromptSampler;
import org.imagerl.spi.run.RolloutBudget;
import org.imagerl.toolkit.sampling.PolicyGuidance;
import org.jspecify.annotations.Nullable;

/**
 * How images are sampled for training.
 *
 * @param dynamics how to step from noise to image
 * @param noise the distribution of the noise that steps add; evaluations have it too, unless they have dynamics of
 *     their own
 * @param steps denoiser calls per image
 * @param guidance scale of classifier-free guidance; 1 is none, at half the cost
 * @param guidanceRule how outputs for the negative prompt and the prompt become one, in rollouts, training and
 *     evaluations
 * @param negativePrompt what guidance leads away from
 * @param width of images in pixels; by default what the checkpoint was trained for
 * @param height of images in pixels; by default what the checkpoint was trained for
 * @param promptsPerEpoch different prompts per epoch
 * @param samplesPerPrompt images per prompt and epoch: the size of a group
 * @param sharedNoise whether the samples of a prompt begin with the same noise in an epoch, and part where steps add
 *     theirs; Flow-GRPO calls it {@code same_latent}, DanceGRPO {@code init_same_noise}. Steps before the first noisy
 *     one (a window that begins later) are then computed once for each group, as in the branching form of
 *     Flow-GRPO-Fast
 * @param batchSize images sampled at a time; matters for memory and speed only. With {@code auto} the run finds out
 *     what fits when it begins, and its own configuration says what that was
 * @param promptSampler which prompts an epoch has
 * @param budget how many samples each prompt of an epoch has, {@code samplesPerPrompt} on average
 * @param strength samples, also those of evaluations, begin with the image that the field {@code image} of their prompt
 *     names (a file; relative to the configuration), and this share of the steps is made; if absent they begin with
 *     noise alone. A checkpoint that paints into images (a UNet of 9 channels) always takes the fields {@code image}
 *     and {@code mask} of prompts, and makes all steps where this is absent
 * @param policyGuidance coefficient with which rollouts of the EMA weights ({@code algorithm.sampled_by: ema}) are led
 *     towards the live ones; absent is no guidance between weights
 * @param hints second rollouts of prompts whose images all fail; null is none
 */
public record RolloutConfig(
        BoundPart<Dynamics> dynamics,
        BoundPart<StepNoise> noise,
        @Range(min = 1, max = 1000) int steps,
        @Range(min = 1, max = 10_000) double guidance,
        BoundPart<Guidance> guidanceRule,
        String negativePrompt,
        @Nullable @Range(min = 1, max = 8192) Integer width,
        @Nullable @Range(min = 1, max = 8192) Integer height,
        @Range(min = 1, max = 100_000) int promptsPerEpoch,
        @Range(min = 1, max = 10_000) int samplesPerPrompt,
        boolean sharedNoise,
        @Auto @Range(min = 1, max = 10_000) int batchSize,
        BoundPart<PromptSampler> promptSampler,
        BoundPart<RolloutBudget> budget,
        @Nullable @Range(min = 0, max = 1) Double strength,
        @Nullable @Range(min = 0, max = 10) Double policyGuidance,
        @Nullable Hints hints) {
    /** How rollouts of the EMA weights are led towards the live ones; null is no guidance between weights. */
    public @Nullable PolicyGuidance ledByPolicy() {
        return policyGuidance == null ? null : new PolicyGuidance(policyGuidance);
    }

    /**
     * What is tried where all images of a prompt fail, after Scaf-GRPO: the image of the first hint that succeeds takes the place of one of them.
     *
     * @param success least reward of an image that does not fail
     * @param after epochs that are trained without hints
     * @param levels the hints, the weakest first; one image is made with each until one succeeds
     */
    public record Hints(
            double success, @Default("0") @Range(min = 0) int after, List<Level> levels) {
        /** Refuses no hints. */
        public Hints {
            levels = List.copyOf(levels);
            if (levels.isEmpty()) {
                throw new IllegalArgumentException("levels must have at least one hint");
            }
        }

        /**
         * A hint.
         *
         * @param guidance scale of classifier-free guidance; by default that of the rollouts
         * @param field of the prompts with the text that images are made for in the place of their own; prompts without
         *     it get no such hint
         * @param image field of the prompts with a file (relative to the configuration) of the image that the sample
         *     begins with, noised; prompts without it get no such hint
         * @param strength share of the steps that are made from there, for {@code image} alone, where it must be given;
         *     with 1 the sample begins with noise alone
         */
        public record Level(
                @Nullable @Range(min = 1) Double guidance,
                @Nullable String field,
                @Nullable String image,
                @Nullable @Range(min = 0, max = 1) Double strength) {
            /** Refuses an image without a strength, and a strength without an image. */
            public Level {
                if (image == null ? strength != null : strength == null || strength == 0) {
                    throw new IllegalArgumentException(
                            "image and strength go together, the field of an image and a strength above 0");
                }
            }

            /** The strength, or 1 where samples begin with noise alone. */
            public double share() {
                return strength == null ? 1 : strength;
            }

            /** Whether a prompt has what the hint needs. */
            public boolean isFor(Prompt prompt) {
                return (field == null || prompt.metadata().containsKey(field))
                        && (image == null || prompt.metadata().containsKey(image));
            }
        }
    }
}
