package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.run.Tracker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every tracker must do; extend it with a test of your own. */
public abstract class TrackerContract {

    /** A fresh one for a run, as a process makes it that begins the run or goes on with it. */
    protected abstract Tracker create(Path run);

    /** The epochs that the trackers of a run have kept, in their order. */
    protected abstract List<Long> epochs(Path run);

    private static void track(Tracker tracker, long epoch) {
        tracker.metrics(epoch, new TreeMap<>(Map.of("reward_mean", 0.5 * epoch, "unknown", Double.NaN)));
    }

    /** A number that is not finite is no reason to fail. */
    @Test
    public void keepsEveryEpoch(@TempDir Path run) {
        try (Tracker tracker = create(run)) {
            tracker.begin(run, -1);
            track(tracker, 0);
            track(tracker, 1);
            tracker.end(true);
        }
        assertThat(epochs(run)).containsExactly(0L, 1L);
    }

    /** What came after the epoch that a run goes on from is taken back. */
    @Test
    public void rewindsOnResume(@TempDir Path run) {
        try (Tracker tracker = create(run)) {
            tracker.begin(run, -1);
            for (long epoch = 0; epoch < 4; epoch++) {
                track(tracker, epoch);
            }
        }
        try (Tracker tracker = create(run)) {
            tracker.begin(run, 2);
            track(tracker, 3);
            track(tracker, 4);
            tracker.end(true);
        }
        assertThat(epochs(run)).containsExactly(0L, 1L, 2L, 3L, 4L);
    }

    /** A run that begins again has nothing of an earlier beginning. */
    @Test
    public void beginsAfresh(@TempDir Path run) {
        try (Tracker tracker = create(run)) {
            tracker.begin(run, -1);
            track(tracker, 0);
            track(tracker, 1);
        }
        try (Tracker tracker = create(run)) {
            tracker.begin(run, -1);
            track(tracker, 0);
        }
        assertThat(epochs(run)).containsExactly(0L);
    }
}
