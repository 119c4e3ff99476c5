package org.imagerl.spi;

/** How much of a network is computed again in the backward pass instead of being kept. */
public enum Checkpointing {
    /** Nothing. */
    FALSE,
    /**
     * Of a UNet's frozen layers what keeps much for the time that it takes, of other networks all blocks; in a
     * recording only what passes between the parts is kept.
     */
    TRUE,
    /** All, for the least memory. */
    LEAST;

    /** {@link #TRUE} or {@link #FALSE}. */
    public static Checkpointing of(boolean on) {
        return on ? TRUE : FALSE;
    }

    /** Whether anything is. */
    public boolean on() {
        return this != FALSE;
    }

    /** Whether that is which is kept with {@link #TRUE} is computed again, too. */
    public boolean least() {
        return this == LEAST;
    }
}
