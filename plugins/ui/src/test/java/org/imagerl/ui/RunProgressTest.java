package org.imagerl.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.imagerl.training.report.EpochLog;
import org.imagerl.training.report.MetricsLog;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class RunProgressTest {
    private static final List<MetricsLog.Row> ROWS =
            List.of(new MetricsLog.Row(0, Map.of()), new MetricsLog.Row(3, Map.of("seconds_epoch", 8.0)));

    private static EpochLog.Line line(long step, double clock) {
        return new EpochLog.Line(step, clock, 2_000_000_000L, List.of(), List.of(), 0);
    }

    /** Three epochs of 10, 1000 (an interruption) and 12 seconds. */
    private static final List<EpochLog.Line> LINES = List.of(line(0, 0), line(1, 10), line(2, 1010), line(3, 1022));

    @Test
    void anInterruptionIsNoLongEpoch() {
        RunProgress progress = RunProgress.of(ROWS, LINES, 10, 1023);
        assertThat(progress.secondsPerEpoch()).isEqualTo(12);
        ObjectNode json = Json.object();
        progress.put(json, 1030);
        assertThat(json.path("eta_seconds").asDouble()).isEqualTo(7 * 12);
        assertThat(json.path("age_seconds").asDouble()).isEqualTo(7);
        assertThat(json.path("memory_bytes").asDouble()).isEqualTo(2e9);
    }

    @Test
    void whoIsSilentForLongIsNotTraining() {
        RunProgress progress = RunProgress.of(ROWS, LINES, 10, Double.NaN);
        assertThat(progress.state(1022 + 180 + 35)).isEqualTo("training");
        assertThat(progress.state(1022 + 180 + 37)).isEqualTo("stopped");
        assertThat(RunProgress.of(ROWS, LINES, 3, Double.NaN).state(1e9)).isEqualTo("finished");
    }

    @Test
    void aRunOfAnEarlierVersionHasItsMetricsAndItsLog() {
        RunProgress progress = RunProgress.of(ROWS, List.of(), 4, 500);
        assertThat(progress.secondsPerEpoch()).isEqualTo(8);
        assertThat(progress.state(510)).isEqualTo("training");
        assertThat(RunProgress.of(List.of(), List.of(), 0, Double.NaN).state(0)).isEqualTo("stopped");
    }
}
