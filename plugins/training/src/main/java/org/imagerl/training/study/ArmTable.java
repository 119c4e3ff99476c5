package org.imagerl.training.study;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** A row per arm and a column per metric: one number of every run, as a mean over seeds. */
final class ArmTable {
    private ArmTable() {}

    /**
     * The table.
     *
     * @param summed whether {@code x} of the series is the sum of the metric so far; else it is the epoch
     * @param number of the series of a run
     */
    static String markdown(List<String> metrics, Outcomes outcomes, boolean summed, ToDoubleFunction<Series> number) {
        List<String> header = new ArrayList<>(List.of("arm"));
        header.addAll(metrics);
        Markdown rows = new Markdown(header);
        for (StudyConfig.Arm arm : outcomes.study().arms()) {
            List<String> cells = new ArrayList<>(List.of(arm.name()));
            for (String metric : metrics) {
                List<Series> series = outcomes.series(arm.name(), summed ? metric : Series.EPOCH, metric);
                cells.add(Estimate.of(series.stream().mapToDouble(number).toArray())
                        .toString());
            }
            rows.add(cells);
        }
        return rows.toString();
    }
}
