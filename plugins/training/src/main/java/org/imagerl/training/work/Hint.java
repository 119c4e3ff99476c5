package org.imagerl.training.work;

import org.jspecify.annotations.Nullable;

/**
 * What leads the samples of a rollout in the place of the policy.
 *
 * @param guidance scale of classifier-free guidance
 * @param field of prompts with the text that they are sampled for in the place of their own; null is their own
 */
public record Hint(double guidance, @Nullable String field) {}
