package org.imagerl.spi;

/** Which weights a network runs with. */
public enum WeightSet {
    /** The weights in training. */
    CURRENT,
    /** The weights before training: adapter off, or a frozen copy. */
    REFERENCE
}
