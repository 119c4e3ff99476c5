package org.imagerl.training.study;

import java.util.ArrayList;
import java.util.List;
import org.imagerl.training.report.MetricsLog;

/** See {@link StudyTable.Reach}. */
final class ReachTable {
    private ReachTable() {}

    static String markdown(StudyTable.Reach table, Outcomes outcomes) {
        List<String> header = new ArrayList<>(List.of("arm", "reached by"));
        for (String cost : table.costs()) {
            header.addAll(List.of(cost, "times sooner"));
        }
        Markdown rows = new Markdown(header);
        outcomes.study().arm(table.reference());
        for (StudyConfig.Arm arm : outcomes.study().arms(table.arms())) {
            rows.add(row(table, outcomes, arm.name()));
        }
        return "How much sooner arms reach the best `" + table.metric() + "` of " + table.reference()
                + " with the same seed,\nlinearly between evaluations. Runs that never reach it are left out of the means.\n\n"
                + rows;
    }

    private static List<String> row(StudyTable.Reach table, Outcomes outcomes, String arm) {
        List<String> cells = new ArrayList<>();
        cells.add(arm);
        for (String cost : table.costs()) {
            List<Double> spent = new ArrayList<>();
            List<Double> ratios = new ArrayList<>();
            outcomes.runs(arm).forEach((seed, rows) -> {
                List<MetricsLog.Row> others = outcomes.runs(table.reference()).get(seed);
                if (others != null) {
                    Series reference = Series.of(others, cost, table.metric());
                    double own = Series.of(rows, cost, table.metric()).reached(reference.best());
                    spent.add(own);
                    ratios.add(Double.isFinite(own) ? reference.reached(reference.best()) / own : Double.NaN);
                }
            });
            if (cells.size() == 1) {
                cells.add(spent.stream().filter(Double::isFinite).count() + " of " + spent.size());
            }
            cells.add(estimate(spent).toString());
            cells.add(estimate(ratios).toString());
        }
        return cells;
    }

    private static Estimate estimate(List<Double> values) {
        return Estimate.of(values.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
