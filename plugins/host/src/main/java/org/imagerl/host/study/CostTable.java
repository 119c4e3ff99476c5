package org.imagerl.host.study;

import java.util.ArrayList;
import java.util.List;

/** See {@link StudyTable.Cost}. */
final class CostTable {
    private CostTable() {}

    static String markdown(StudyTable.Cost table, Outcomes outcomes) {
        List<String> header = new ArrayList<>(List.of("arm"));
        header.addAll(table.costs());
        Markdown rows = new Markdown(header);
        for (StudyConfig.Arm arm : outcomes.study().arms()) {
            List<String> cells = new ArrayList<>(List.of(arm.name()));
            for (String cost : table.costs()) {
                double[] sums = outcomes.series(arm.name(), cost, cost).stream()
                        .mapToDouble(series -> series.size() == 0 ? Double.NaN : series.x()[series.size() - 1])
                        .toArray();
                cells.add(Estimate.of(sums).toString());
            }
            rows.add(cells);
        }
        return "Of a whole run, summed over its epochs; evaluations are not in it.\n\n" + rows;
    }
}
