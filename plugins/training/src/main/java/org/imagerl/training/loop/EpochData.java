package org.imagerl.training.loop;

import java.util.List;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.training.work.Rollout;
import org.imagerl.training.work.Sampling;

/**
 * What an epoch trains on.
 *
 * @param sampling how the images were made
 * @param prompts of all images
 * @param rollout the images
 * @param credit what of them is trained on, and how
 * @param metrics of the images, for the log
 * @param seconds that making them took
 */
record EpochData(
        Sampling sampling, List<Prompt> prompts, Rollout rollout, EpochCredit credit, Metrics metrics, double seconds)
        implements AutoCloseable {

    /** Where the epochs of a run come from. */
    @FunctionalInterface
    interface Source {
        /**
         * Makes an epoch.
         *
         * @param epoch from 0
         * @param stage for the progress line
         * @throws Rollouts.Stopped if the user stopped it
         */
        EpochData epoch(long epoch, String stage);

        /** The metrics of the objective on held-out examples; none where there are no such examples. */
        default Metrics heldOut(PolicyUpdater updater) {
            return new Metrics();
        }
    }

    @Override
    public void close() {
        rollout.close();
    }
}
