package org.imagerl.spi;

/** Which weights a network runs with. */
public enum WeightSet {
    /** The weights in training. */
    CURRENT,
    /** The weights before training: adapter off, or a frozen copy. */
    REFERENCE,
    /** The weights that sampled the rollouts at hand. */
    SAMPLING,
    /** A moving average of the weights, moved after every epoch. */
    TRAILING
}
