package org.imagerl.spi;

import java.util.function.Consumer;

/** Measures speed and memory on this machine, for people to read. */
public interface Benchmark {

    /**
     * Runs to the end and leaves nothing behind.
     *
     * @param lines takes the results, a line each, as they come
     * @throws UserException if the machine has not the memory or disk space for it
     */
    void run(Consumer<String> lines);
}
