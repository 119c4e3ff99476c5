package org.imagerl.training.study;

import java.util.ArrayList;
import java.util.List;

/** See {@link StudyTable.Last}. */
final class LastTable {
    private LastTable() {}

    static String markdown(StudyTable.Last table, Outcomes outcomes) {
        List<String> header = new ArrayList<>(List.of("arm", "runs"));
        table.metrics().forEach(metric -> header.addAll(List.of(metric + " before", "after")));
        Markdown rows = new Markdown(header);
        for (StudyConfig.Arm arm : outcomes.study().arms()) {
            List<String> cells = new ArrayList<>(List.of(
                    arm.name(), Integer.toString(outcomes.runs(arm.name()).size())));
            for (String metric : table.metrics()) {
                List<Series> series = outcomes.series(arm.name(), Series.EPOCH, metric);
                cells.add(Estimate.of(series.stream().mapToDouble(Series::first).toArray())
                        .toString());
                cells.add(Estimate.of(series.stream().mapToDouble(Series::last).toArray())
                        .toString());
            }
            rows.add(cells);
        }
        return "Before training and at the last evaluation.\n\n" + rows;
    }
}
