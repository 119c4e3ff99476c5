package org.imagerl.spi;

/** Which terms of an objective a pass computes. */
public enum LossTerms {
    /** All, as one sum. */
    ALL,
    /** Without the penalties. */
    POLICY,
    /** The penalties alone; zero where an objective has none that stand apart. */
    PENALTY
}
