package org.imagerl.training.tracker;

import java.time.Clock;
import java.util.List;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.run.Tracker;
import org.imagerl.toolkit.recipe.SimpleFactory;

/** The trackers that write for other programs. */
public final class TrackerPlugin implements Plugin {

    @Override
    public String name() {
        return "trackers";
    }

    @Override
    public List<Factory<? extends Tracker, ?>> trackers() {
        return List.of(
                SimpleFactory.of(
                        "tensorboard",
                        "event files of TensorBoard: metrics, sample grids, the configuration as text and as hyperparameters",
                        () -> new TensorBoardTracker(Clock.systemUTC())),
                SimpleFactory.of("csv", "a table for spreadsheets, a row per epoch: metrics.csv", CsvTracker::new),
                new MlflowFactory(System::getenv));
    }
}
