package org.imagerl.training.work;

import org.jspecify.annotations.Nullable;

/**
 * What leads the samples of a rollout in the place of the policy.
 *
 * @param guidance scale of classifier-free guidance
 * @param field of prompts with the text that they are sampled for in the place of their own; null is their own
 * @param image field of prompts with the file of the image that samples begin with; null is noise alone
 * @param strength share of the steps that are made where samples begin with an image, above 0 and at most 1; else 1
 */
public record Hint(
        double guidance, @Nullable String field, @Nullable String image, double strength) {}
