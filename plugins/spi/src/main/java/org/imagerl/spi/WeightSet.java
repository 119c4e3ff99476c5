package org.imagerl.spi;

/** Which weights a network runs with. */
public enum WeightSet {
    /** The weights in training, which gradients are taken of. */
    LIVE,
    /** The weights before training: adapter off, or a frozen copy. */
    REFERENCE,
    /** The weights of the behaviour policy, which sampled the rollouts at hand. */
    BEHAVIOUR,
    /** A moving average of the weights, moved after every epoch. */
    EMA,
    /** The weights before training with the adapter of {@link Objective#teacher}. */
    TEACHER,
    /** Those that the update at hand would lead to: known only while its survey looks ({@link Objective#survey}). */
    TRIAL
}
