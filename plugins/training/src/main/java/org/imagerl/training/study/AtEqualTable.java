package org.imagerl.training.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.imagerl.training.report.MetricsLog;

/** See {@link StudyTable.AtEqual}. */
final class AtEqualTable {
    private AtEqualTable() {}

    static String markdown(StudyTable.AtEqual table, Outcomes outcomes) {
        List<String> header = new ArrayList<>(List.of(table.proxy(), "arm", "reached by"));
        header.addAll(table.metrics());
        Markdown rows = new Markdown(header);
        for (double level : table.levels()) {
            for (StudyConfig.Arm arm : outcomes.study().arms(table.arms())) {
                Map<Long, List<MetricsLog.Row>> runs = outcomes.runs(arm.name());
                double[] epochs = runs.values().stream()
                        .mapToDouble(run ->
                                Series.of(run, Series.EPOCH, table.proxy()).reached(level))
                        .toArray();
                List<String> cells = new ArrayList<>(
                        List.of(Estimate.number(level), arm.name(), reached(epochs) + " of " + epochs.length));
                table.metrics().forEach(metric -> cells.add(at(runs, metric, epochs)));
                rows.add(cells);
            }
        }
        return "Where `" + table.proxy() + "` first reaches a level, linearly between evaluations.\n\n" + rows;
    }

    private static long reached(double[] epochs) {
        return Arrays.stream(epochs).filter(Double::isFinite).count();
    }

    private static String at(Map<Long, List<MetricsLog.Row>> runs, String metric, double[] epochs) {
        double[] values = new double[epochs.length];
        int i = 0;
        for (List<MetricsLog.Row> run : runs.values()) {
            values[i] = Series.of(run, Series.EPOCH, metric).at(epochs[i]);
            i++;
        }
        return Estimate.of(values).toString();
    }
}
