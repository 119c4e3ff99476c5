package org.imagerl.spi;

/**
 * Something whose memory must survive a resume. Whatever part of a run implements this is saved and restored: nothing else has to be done for it.
 */
public interface Stateful {

    /** The whole memory, as it is now. The tensors of a state have the same names and shapes from the making of the part on. */
    default State state() {
        return State.NONE;
    }

    /**
     * Takes back what {@link #state} gave. The tensors of {@link #state} themselves have been overwritten with the saved values before: what is left are the
     * numbers.
     */
    default void restore(State state) {}
}
