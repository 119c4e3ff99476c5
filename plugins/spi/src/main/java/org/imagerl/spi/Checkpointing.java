package org.imagerl.spi;

/** How much of a network is computed again in the backward pass instead of being kept. */
public enum Checkpointing {
    /** Nothing. */
    FALSE,
    /**
     * Of a UNet's layers those that would keep much for the time that they take; of other networks all blocks.
     */
    TRUE,
    /** Of all networks all blocks, for the least memory. */
    LEAST;

    /** {@link #TRUE} or {@link #FALSE}. */
    public static Checkpointing of(boolean on) {
        return on ? TRUE : FALSE;
    }

    /** Whether anything is. */
    public boolean on() {
        return this != FALSE;
    }

    /** Whether what {@link #TRUE} keeps is computed again, too. */
    public boolean least() {
        return this == LEAST;
    }
}
