package org.imagerl.spi;

/** What an objective is a mean over. Shuffling, the cutting of an epoch into updates and micro-batches never split one. */
public enum TrainingUnit {
    /** Each sample by itself. */
    SAMPLE,
    /** All samples of a prompt that are trained on. */
    GROUP,
    /**
     * Two images of a prompt, the preferred one first: rows 2 i and 2 i + 1 of a batch. Of a prompt with more images these are the one with the
     * highest and the one with the lowest advantage; where all are equal there is no pair.
     */
    PAIR
}
