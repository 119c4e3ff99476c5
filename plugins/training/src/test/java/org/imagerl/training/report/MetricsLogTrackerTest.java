package org.imagerl.training.report;

import java.nio.file.Path;
import java.util.List;
import org.imagerl.spi.run.Tracker;
import org.imagerl.testkit.TrackerContract;

class MetricsLogTrackerTest extends TrackerContract {

    @Override
    protected Tracker create(Path run) {
        return new MetricsLog(run.resolve("metrics.jsonl"));
    }

    @Override
    protected List<Long> epochs(Path run) {
        return new MetricsLog(run.resolve("metrics.jsonl"))
                .read().stream().map(MetricsLog.Row::step).toList();
    }
}
