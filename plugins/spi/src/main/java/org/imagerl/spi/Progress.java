package org.imagerl.spi;

/** Receives the progress of long work. It is called by one thread at a time, not always the same one. */
public interface Progress {

    /**
     * @param stage what is going on, in a word or two
     * @param done units finished of {@code total}
     * @param detail the numbers a person wants to see, ready to print
     */
    void update(String stage, long done, long total, String detail);

    /** Whether the user asked to stop, asked by any thread; long work then saves its state and returns. */
    default boolean stopped() {
        return false;
    }
}
