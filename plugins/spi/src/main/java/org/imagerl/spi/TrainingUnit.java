package org.imagerl.spi;

/** What an objective is a mean over. Shuffling, the cutting of an epoch into updates and micro-batches never split one. */
public enum TrainingUnit {
    /** Each sample by itself. */
    SAMPLE,
    /** All samples of a prompt that are trained on. */
    GROUP
}
