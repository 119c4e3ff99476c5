package org.imagerl.training.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.training.report.MetricsLog;
import org.junit.jupiter.api.Test;

class TablesTest {
    private static final StudyConfig STUDY = new StudyConfig(
            "?",
            List.of(0L, 1L),
            List.of(),
            List.of(new StudyConfig.Arm("slow", "a.yaml", List.of()), new StudyConfig.Arm("fast", "b.yaml", List.of())),
            List.of(),
            null,
            List.of(),
            List.of());

    /** Evaluated every epoch, an epoch costs 10. */
    private static List<MetricsLog.Row> run(double... rewards) {
        List<MetricsLog.Row> rows = new ArrayList<>();
        for (int i = 0; i < rewards.length; i++) {
            Map<String, Double> values = new TreeMap<>(Map.of("reward", rewards[i], "gold", 2 * rewards[i]));
            if (i > 0) {
                values.put("cost", 10.0);
            }
            rows.add(new MetricsLog.Row(i, values));
        }
        return rows;
    }

    private static Outcomes outcomes(Map<String, Map<Long, List<MetricsLog.Row>>> runs) {
        return new Outcomes(STUDY, Map.of(), Map.of(), runs);
    }

    @Test
    void aCostAddsUpAndALevelIsReachedBetweenTwoMeasurements() {
        Series series = Series.of(run(0, 0.4, 0.3, 0.8), "cost", "reward");
        assertThat(series.x()).containsExactly(0, 10, 20, 30);
        assertThat(series.reached(0.2)).isCloseTo(5, within(1e-12));
        assertThat(series.reached(0.55)).isCloseTo(25, within(1e-12));
        assertThat(series.reached(0.9)).isInfinite();
        assertThat(series.reached(-1)).isZero();
        assertThat(series.at(25)).isCloseTo(0.55, within(1e-12));
        assertThat(series.at(30)).isEqualTo(0.8);
        assertThat(series.at(31)).isNaN();
        assertThat(series.best()).isEqualTo(0.8);
    }

    @Test
    void anEpochWithoutTheMetricStillCosts() {
        List<MetricsLog.Row> rows = new ArrayList<>(run(0, 0.4, 0.8));
        rows.set(1, new MetricsLog.Row(1, Map.of("cost", 10.0)));
        assertThat(Series.of(rows, "cost", "reward").x()).containsExactly(0, 20);
        assertThat(Series.of(rows, Series.EPOCH, "reward").x()).containsExactly(0, 2);
    }

    @Test
    void anEstimateHasTheStandardErrorOfItsMean() {
        Estimate estimate = Estimate.of(1, 2, 6, Double.NaN, Double.POSITIVE_INFINITY);
        assertThat(estimate.n()).isEqualTo(3);
        assertThat(estimate.mean()).isEqualTo(3);
        assertThat(estimate.error()).isCloseTo(Math.sqrt(7.0 / 3), within(1e-12));
        assertThat(Estimate.of(1)).hasToString("1.000");
        assertThat(Estimate.of()).hasToString("-");
    }

    /** The slow arm's best is 0.4 after 30 with one seed, 0.5 after 20 with the other. */
    @Test
    void reachComparesSeedBySeedAndCountsWhoNeverReaches() {
        Outcomes outcomes = outcomes(Map.of(
                "slow", Map.of(0L, run(0, 0.1, 0.2, 0.4), 1L, run(0, 0.1, 0.5, 0.3)),
                "fast", Map.of(0L, run(0, 0.8), 1L, run(0, 0.3, 0.4))));
        String table =
                ReachTable.markdown(new StudyTable.Reach("reward", "slow", List.of("fast"), List.of("cost")), outcomes);
        assertThat(table).contains("| fast | 1 of 2 | 5.000 | 6.000 |");
    }

    @Test
    void goldIsReadWhereTheProxyCrosses() {
        Outcomes outcomes = outcomes(Map.of("slow", Map.of(0L, run(0, 0.2), 1L, run(0, 0.05))));
        String table = AtEqualTable.markdown(
                new StudyTable.AtEqual("reward", List.of(0.1), List.of("gold"), List.of("slow")), outcomes);
        assertThat(table).contains("| 0.100 | slow | 1 of 2 | 0.200 |");
    }

    /** Two diagnoses of 100 samples: means 0.3 and 0.1, variances 0.04 and 0.12; standard error sqrt(0.0016) / 2 = 0.02. */
    @Test
    void stepsPoolSamplesAndCompareGradients() {
        List<MetricsLog.Row> rows = List.of(diagnosis(0.3, 0.13, 4), diagnosis(0.1, 0.13, 2));
        String table =
                StepsTable.markdown(new StudyTable.Steps(List.of("slow")), outcomes(Map.of("slow", Map.of(0L, rows))));
        assertThat(table)
                .contains("| slow | 3 | 0.200 \u00b1 0.020 | 10.0 | 0.283 | 25.0 % | 5.0 % | 3.000 | 100.0 % |")
                .contains("| slow | 4 | 0.200 \u00b1 0.020 | 10.0 | 0.283 | 25.0 % | 5.0 % | 1.500 | 50.0 % |")
                .contains("| slow | 2.000 | 10.0 |");
    }

    private static MetricsLog.Row diagnosis(double mean, double squared, double norm) {
        Map<String, Double> values = new TreeMap<>();
        for (int step = 3; step <= 4; step++) {
            values.put("step_" + step + "_log_ratio", mean);
            values.put("step_" + step + "_log_ratio_squared", squared);
            values.put("step_" + step + "_above_share", 0.25);
            values.put("step_" + step + "_below_share", 0.05);
            values.put("step_" + step + "_grad_norm", step == 3 ? norm : norm / 2);
            values.put("step_" + step + "_samples", 100.0);
        }
        return new MetricsLog.Row(1, values);
    }

    @Test
    void wholeRunsAndTheirEndsAreMeansOverSeeds() {
        Outcomes outcomes = outcomes(Map.of("slow", Map.of(0L, run(0, 0.1, 0.2, 0.6), 1L, run(0, 0.2, 0.4))));
        assertThat(CostTable.markdown(new StudyTable.Cost(List.of("cost")), outcomes))
                .contains("| slow | 25.0 \u00b1 5.000 |")
                .contains("| fast | - |");
        assertThat(SettledTable.markdown(new StudyTable.Settled(List.of("reward"), 2), outcomes))
                .contains("last 2 epochs of each run that logged the metric")
                .contains("| slow | 0.350 \u00b1 0.050 |");
    }

    /** R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") */
    @Test
    void pValuesAreCorrectedAfterHolm() {
        double[] corrected = PairedTable.holm(0.01, 0.04, Double.NaN, 0.03, 0.005);
        assertThat(corrected[0]).isCloseTo(0.03, within(1e-12));
        assertThat(corrected[1]).isCloseTo(0.06, within(1e-12));
        assertThat(corrected[2]).isNaN();
        assertThat(corrected[3]).isCloseTo(0.06, within(1e-12));
        assertThat(corrected[4]).isCloseTo(0.02, within(1e-12));
    }

    /** Residuals are 1, 0, -1 / -1, 0, 1 beside means of arms and seeds; 4 / (1 * 2). */
    @Test
    void theVarianceOfRunsIsWhatArmsAndSeedsDoNotExplain() {
        assertThat(PairedTable.variance(new double[][] {{11, 20, 29}, {12, 23, 34}}))
                .isCloseTo(2, within(1e-12));
        assertThat(PairedTable.variance(new double[][] {{11, 20}})).isNaN();
    }

    /** Differences 0.1 and 0.3: mean 0.2, standard error 0.1, t = 2 with one degree of freedom: p = 1 - 2 atan(2) / pi, and 12.706 times 0.1. */
    @Test
    void ofTwoArmsItIsThePairedTest() {
        Outcomes outcomes = outcomes(Map.of(
                "slow", Map.of(0L, run(0, 0.2), 1L, run(0, 0.1)),
                "fast", Map.of(0L, run(0, 0.3), 1L, run(0, 0.4))));
        assertThat(PairedTable.markdown(new StudyTable.Paired("slow", "reward", List.of()), outcomes))
                .contains("Seeds [0, 1]; slow has 0.150 \u00b1 0.050.")
                .contains("| 1 | fast | 0.350 \u00b1 0.050 | 0.200 \u00b1 0.100 | -1.071 to +1.471 | 0.295 | 0.295 |")
                .contains("Beyond chance, 0 of 1 arms differ from slow");
    }

    @Test
    void whatIsNotRunWithASeedIsLeftOutOfTheComparison() {
        Outcomes outcomes = outcomes(Map.of(
                "slow", Map.of(0L, run(0, 0.2), 1L, run(0, 0.1)),
                "fast", Map.of(0L, run(0, 0.3))));
        assertThat(PairedTable.markdown(new StudyTable.Paired("slow", "reward", List.of()), outcomes))
                .contains("Seeds [0]")
                .contains("| 1 | fast | 0.300 | 0.100 | - | - | - |")
                .contains("One seed alone");
        Outcomes begun = outcomes(Map.of("slow", Map.of(0L, run(0, 0.2))));
        assertThat(PairedTable.markdown(new StudyTable.Paired("slow", "reward", List.of()), begun))
                .contains("No seed is finished yet");
    }
}
