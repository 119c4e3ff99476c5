package org.imagerl.training.work;

/**
 * Samples of a rollout in the place of samples of another one.
 *
 * @param into the rollout that goes on with as many samples as it had
 * @param rows its samples that are replaced
 * @param from the other rollout, which can only be closed afterwards
 * @param of its samples that take their places, as many
 */
public record Replacement(String into, int[] rows, String from, int[] of) {}
