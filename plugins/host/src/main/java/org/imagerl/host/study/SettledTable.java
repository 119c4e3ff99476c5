package org.imagerl.host.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** See {@link StudyTable.Settled}. */
final class SettledTable {
    private SettledTable() {}

    static String markdown(StudyTable.Settled table, Outcomes outcomes) {
        List<String> header = new ArrayList<>(List.of("arm"));
        header.addAll(table.metrics());
        Markdown rows = new Markdown(header);
        for (StudyConfig.Arm arm : outcomes.study().arms()) {
            List<String> cells = new ArrayList<>(List.of(arm.name()));
            for (String metric : table.metrics()) {
                double[] means = outcomes.series(arm.name(), Series.EPOCH, metric).stream()
                        .mapToDouble(series -> lastMean(series.y(), table.epochs()))
                        .toArray();
                cells.add(Estimate.of(means).toString());
            }
            rows.add(cells);
        }
        return "Means over the last " + table.epochs() + " epochs that noted it of each run, of its own pictures.\n\n"
                + rows;
    }

    private static double lastMean(double[] values, int count) {
        return Arrays.stream(values, Math.max(0, values.length - count), values.length)
                .average()
                .orElse(Double.NaN);
    }
}
