package org.imagerl.training.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * See {@link StudyTable.Paired}. With {@code y[a][s]} the last value of arm a with seed s, A arms (the base is one) and
 * S seeds, the variance of a run is that of the two-way layout without interaction,
 *
 * <pre>
 * s^2 = sum over a, s of (y[a][s] - mean of arm a - mean of seed s + mean of all)^2 / ((A - 1) (S - 1))
 * </pre>
 *
 * and the difference of an arm from the base has the standard error {@code sqrt(2 s^2 / S)} and Student's distribution
 * with {@code (A - 1)(S - 1)} degrees of freedom. Of two arms this is the paired t-test. It supposes that all arms vary
 * alike from seed to seed, without which three seeds say next to nothing. The p-values are corrected by Holm, "A simple
 * sequentially rejective multiple test procedure", 1979.
 */
final class PairedTable {
    private static final double LEVEL = 0.05;

    private PairedTable() {}

    /** An arm beside the base, with the seeds that all have. */
    private record Row(String arm, Estimate value, Estimate difference, double p) {}

    static String markdown(StudyTable.Paired table, Outcomes outcomes) {
        StudyConfig study = outcomes.study();
        study.arm(table.base());
        List<String> arms = new ArrayList<>(List.of(table.base()));
        study.arms(table.arms()).stream()
                .map(StudyConfig.Arm::name)
                .filter(name -> !name.equals(table.base()))
                .forEach(arms::add);
        List<String> run =
                arms.stream().filter(arm -> !outcomes.runs(arm).isEmpty()).toList();
        List<Long> seeds = study.seeds().stream()
                .filter(seed -> run.stream().allMatch(arm -> outcomes.runs(arm).containsKey(seed)))
                .toList();
        String title = "Differences of the last `" + table.metric() + "` from " + table.base()
                + ", seed by seed;\nbest first.";
        if (!run.contains(table.base()) || run.size() < 2 || seeds.isEmpty()) {
            return title + " No seed is finished yet by all arms that have begun.\n";
        }
        return title + " " + body(table, outcomes, run, seeds) + missing(arms, run);
    }

    private static String body(StudyTable.Paired table, Outcomes outcomes, List<String> arms, List<Long> seeds) {
        double[][] y = arms.stream()
                .map(arm -> seeds.stream()
                        .mapToDouble(seed -> Series.of(
                                        outcomes.runs(arm).getOrDefault(seed, List.of()), Series.EPOCH, table.metric())
                                .last())
                        .toArray())
                .toArray(double[][]::new);
        double error = Math.sqrt(2 * variance(y) / seeds.size());
        double degrees = (arms.size() - 1.0) * (seeds.size() - 1);
        List<Row> rows = new ArrayList<>();
        for (int a = 1; a < y.length; a++) {
            Estimate difference = difference(y[a], y[0]);
            rows.add(new Row(arms.get(a), Estimate.of(y[a]), difference, p(difference.mean() / error, degrees)));
        }
        rows.sort(Comparator.comparingDouble((Row row) -> -row.difference.mean()));
        double half = degrees > 0
                ? TDistribution.of(degrees).inverseCumulativeProbability(1 - LEVEL / 2) * error
                : Double.NaN;
        return "Seeds " + seeds + "; " + table.base() + " has " + Estimate.of(y[0]) + ".\n\n" + rows(table, rows, half)
                + '\n' + verdict(rows, table.base(), half);
    }

    private static Markdown rows(StudyTable.Paired table, List<Row> rows, double half) {
        double[] corrected = holm(rows.stream().mapToDouble(Row::p).toArray());
        Markdown lines = new Markdown(
                List.of("rank", "arm", table.metric(), "difference", "95 % interval", "p", "p, corrected"));
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            double mean = row.difference.mean();
            lines.add(List.of(
                    Integer.toString(i + 1),
                    row.arm,
                    row.value.toString(),
                    row.difference.toString(),
                    Double.isNaN(half) ? "-" : signed(mean - half) + " to " + signed(mean + half),
                    Estimate.number(row.p),
                    Estimate.number(corrected[i])));
        }
        return lines;
    }

    private static String verdict(List<Row> rows, String base, double half) {
        if (Double.isNaN(half)) {
            return "One seed alone says nothing of chance.\n";
        }
        double[] corrected = holm(rows.stream().mapToDouble(Row::p).toArray());
        long differ = Arrays.stream(corrected).filter(p -> p < LEVEL).count();
        return "Beyond chance, " + differ + " of " + rows.size() + " arms differ from " + base
                + " (p below 0.05, corrected after\nHolm for as many comparisons; intervals are not corrected). "
                + "Intervals and p suppose that\nall arms vary alike from seed to seed; the error beside a difference is its own.\n";
    }

    private static String missing(List<String> arms, List<String> run) {
        List<String> none = arms.stream().filter(arm -> !run.contains(arm)).toList();
        return none.isEmpty() ? "" : "\nNot run yet:\n" + String.join(",\n", none) + ".\n";
    }

    /** The residual variance of a two-way layout without interaction; NaN with fewer than two rows or columns. */
    static double variance(double[][] y) {
        double[] ofArms = Arrays.stream(y).mapToDouble(PairedTable::mean).toArray();
        double all = mean(ofArms);
        double squares = 0;
        for (int s = 0; s < y[0].length; s++) {
            int seed = s;
            double ofSeed =
                    Arrays.stream(y).mapToDouble(arm -> arm[seed]).average().orElse(Double.NaN);
            for (int a = 0; a < y.length; a++) {
                double residual = y[a][s] - ofArms[a] - ofSeed + all;
                squares += residual * residual;
            }
        }
        return squares / ((y.length - 1.0) * (y[0].length - 1));
    }

    /** Holm's correction of p-values, in their order; what is not a number stays so, and is no comparison. */
    static double[] holm(double... p) {
        Integer[] order = IntStream.range(0, p.length)
                .boxed()
                .filter(i -> !Double.isNaN(p[i]))
                .sorted(Comparator.comparingDouble(i -> p[i]))
                .toArray(Integer[]::new);
        double[] corrected = p.clone();
        double highest = 0;
        for (int k = 0; k < order.length; k++) {
            highest = Math.max(highest, Math.min(1, (order.length - k) * p[order[k]]));
            corrected[order[k]] = highest;
        }
        return corrected;
    }

    private static double p(double t, double degrees) {
        return degrees > 0 && Double.isFinite(t)
                ? 2 * TDistribution.of(degrees).cumulativeProbability(-Math.abs(t))
                : Double.NaN;
    }

    private static Estimate difference(double[] one, double[] other) {
        double[] differences = new double[one.length];
        Arrays.setAll(differences, s -> one[s] - other[s]);
        return Estimate.of(differences);
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElse(Double.NaN);
    }

    private static String signed(double value) {
        return String.format(Locale.ROOT, "%+.3f", value);
    }
}
