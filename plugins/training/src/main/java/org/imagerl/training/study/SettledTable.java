package org.imagerl.training.study;

import java.util.Arrays;

/** See {@link StudyTable.Settled}. */
final class SettledTable {
    private SettledTable() {}

    static String markdown(StudyTable.Settled table, Outcomes outcomes) {
        return "Means over the last " + table.epochs()
                + " epochs of each run that logged the metric, of its own images.\n\n"
                + ArmTable.markdown(table.metrics(), outcomes, false, series -> lastMean(series.y(), table.epochs()));
    }

    private static double lastMean(double[] values, int count) {
        return Arrays.stream(values, Math.max(0, values.length - count), values.length)
                .average()
                .orElse(Double.NaN);
    }
}
