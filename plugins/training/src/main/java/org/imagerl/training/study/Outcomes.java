package org.imagerl.training.study;

import java.util.List;
import java.util.Map;
import org.imagerl.training.report.MetricsLog;

/**
 * The runs that a report is about: of every arm those with its chosen setting.
 *
 * @param study what was asked
 * @param chosen the value of the tuned setting by arm; empty without tuning, or before an arm has chosen
 * @param tried the deciding metric of every value by arm
 * @param finished the metrics of finished runs by arm, then by seed
 */
record Outcomes(
        StudyConfig study,
        Map<String, Double> chosen,
        Map<String, Map<Double, Double>> tried,
        Map<String, Map<Long, List<MetricsLog.Row>>> finished) {

    /** The runs of an arm by seed; none if none has finished. */
    Map<Long, List<MetricsLog.Row>> runs(String arm) {
        return finished.getOrDefault(arm, Map.of());
    }

    /** A metric of every run of an arm, in the order of seeds. */
    List<Series> series(String arm, String x, String y) {
        return runs(arm).values().stream().map(rows -> Series.of(rows, x, y)).toList();
    }
}
