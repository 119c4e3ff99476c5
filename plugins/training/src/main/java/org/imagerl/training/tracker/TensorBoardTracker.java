package org.imagerl.training.tracker;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Objects;
import java.util.SortedMap;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.run.Tracker;
import org.imagerl.training.run.RunFolder;
import org.jspecify.annotations.Nullable;

/**
 * Event files of TensorBoard in {@code tensorboard/} of the run's folder. An epoch is in the file as soon as it is measured, so
 * that its curves are seen while the run trains. A run that goes on begins another file, which takes back the steps from where it
 * goes on; so no step is there twice, and no file that a reader has open is written anew.
 */
final class TensorBoardTracker implements Tracker {
    private static final int MAX_PNG_BYTES = 1 << 28;

    private final Clock clock;
    private @Nullable EventFile events;

    TensorBoardTracker(Clock clock) {
        this.clock = clock;
    }

    /** Where the files of a run are. */
    static Path folder(Path run) {
        return run.resolve("tensorboard");
    }

    @Override
    public void begin(Path run, long epoch) {
        boolean first = epoch < 0 || !EventFile.isIn(folder(run));
        events = EventFile.begin(folder(run), epoch + 1, clock);
        if (first) {
            RunSettings settings = RunSettings.read(RunFolder.configOf(run));
            events.add(epoch + 1, Summaries.text("configuration", settings.markdown()));
            events.add(epoch + 1, Summaries.hyperparameters(settings.values(), seconds()));
        }
    }

    @Override
    public void metrics(long epoch, SortedMap<String, Double> values) {
        events().add(epoch, Summaries.scalars(values));
    }

    @Override
    public void images(long epoch, Path folder) {
        Path grid = folder.resolve("grid.png");
        if (Files.exists(grid)) {
            events().add(epoch, Summaries.png("samples", BoundedFile.read(grid, MAX_PNG_BYTES)));
        }
    }

    /** TensorBoard keeps the first end that it reads, so that only the last one is written. */
    @Override
    public void end(boolean finished) {
        if (finished) {
            events().add(0, Summaries.success(seconds()));
        }
    }

    private EventFile events() {
        return Objects.requireNonNull(events, "metrics before begin");
    }

    private double seconds() {
        return clock.millis() / 1000.0;
    }

    @Override
    public void close() {
        if (events != null) {
            events.close();
        }
    }
}
