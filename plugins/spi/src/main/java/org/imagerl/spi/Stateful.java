package org.imagerl.spi;

import java.util.Map;

/** Something whose memory must survive a resume. */
public interface Stateful {

    /** The whole memory, by name. */
    default Map<String, double[]> state() {
        return Map.of();
    }

    /** Takes back what {@link #state} gave. */
    default void restore(Map<String, double[]> state) {}
}
