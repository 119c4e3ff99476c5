package org.imagerl.spi.run;

import java.nio.file.Path;
import java.util.SortedMap;
import org.imagerl.spi.Stateful;

/** Takes what a run measures, beside the run's own log: for a program that draws curves, for instance. */
public interface Tracker extends Stateful, AutoCloseable {

    /**
     * Called once, before anything else: what was tracked after the epoch is taken back, for the run goes on from there.
     *
     * @param run the folder of the run
     * @param epoch the last one that counts; -1 if the run begins
     */
    default void begin(Path run, long epoch) {}

    /**
     * Takes the numbers of an epoch.
     *
     * @param epoch epochs so far, 0 before training
     * @param values numbers by name; not finite where something could not be measured
     */
    void metrics(long epoch, SortedMap<String, Double> values);

    /**
     * Takes the scores of the images that an epoch sampled for its training, before the numbers of that epoch. There are none of epoch 0.
     *
     * @param epoch epochs so far
     */
    default void scores(long epoch, EpochScores scores) {}

    /** Takes the sample images of an epoch, which lie in a folder. */
    default void images(long epoch, Path folder) {}

    /**
     * Called when the run ends by itself or is stopped by the user, not after a failure.
     *
     * @param finished whether all epochs were trained
     */
    default void end(boolean finished) {}

    @Override
    default void close() {}
}
