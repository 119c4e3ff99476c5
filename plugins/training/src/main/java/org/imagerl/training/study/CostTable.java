package org.imagerl.training.study;

/** See {@link StudyTable.Cost}. */
final class CostTable {
    private CostTable() {}

    static String markdown(StudyTable.Cost table, Outcomes outcomes) {
        return "Costs of a whole run, summed over its epochs, without evaluations.\n\n"
                + ArmTable.markdown(table.costs(), outcomes, true, CostTable::sum);
    }

    private static double sum(Series series) {
        return series.size() == 0 ? Double.NaN : series.x()[series.size() - 1];
    }
}
