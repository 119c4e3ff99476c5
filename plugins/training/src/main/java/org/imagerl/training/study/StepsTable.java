package org.imagerl.training.study;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.imagerl.training.report.MetricsLog;

/**
 * See {@link StudyTable.Steps}. The means are over all diagnosed epochs of all seeds; the standard error of a mean log-ratio is that of its samples,
 * which are independent: {@code sqrt(sum of variance / samples) / diagnoses}.
 */
final class StepsTable {
    private static final Pattern STEP = Pattern.compile("step_(\\d+)_grad_norm");
    private static final List<String> HEADER = List.of(
            "arm",
            "step",
            "log-ratio, mean \u00b1 s.e.",
            "mean / s.e.",
            "std",
            "above",
            "below",
            "gradient norm",
            "of the largest");

    private StepsTable() {}

    static String markdown(StudyTable.Steps table, Outcomes outcomes) {
        Markdown rows = new Markdown(HEADER);
        Markdown spread =
                new Markdown(List.of("arm", "largest / smallest gradient norm", "largest mean / s.e., either sign"));
        for (StudyConfig.Arm arm : outcomes.study().arms(table.arms())) {
            List<MetricsLog.Row> diagnosed = outcomes.runs(arm.name()).values().stream()
                    .flatMap(List::stream)
                    .filter(row -> row.values().keySet().stream()
                            .anyMatch(name -> STEP.matcher(name).matches()))
                    .toList();
            List<Step> steps = steps(diagnosed);
            double largest = steps.stream().mapToDouble(Step::gradNorm).max().orElse(Double.NaN);
            double smallest = steps.stream().mapToDouble(Step::gradNorm).min().orElse(Double.NaN);
            double bias = steps.stream()
                    .mapToDouble(step -> Math.abs(step.bias()))
                    .max()
                    .orElse(Double.NaN);
            steps.forEach(step -> rows.add(step.cells(arm.name(), largest)));
            spread.add(List.of(arm.name(), Estimate.number(largest / smallest), Estimate.number(bias)));
        }
        return "Log-ratios and gradients of the last update of diagnosed epochs, at weights that the epoch's earlier updates have"
                + "\nmoved. Above and below: share of samples whose ratio is beyond the clip range on that side.\n\n"
                + rows + "\n"
                + spread;
    }

    /** What is known of a step. */
    private record Step(int step, double mean, double error, double std, double above, double below, double gradNorm) {
        double bias() {
            return mean / error;
        }

        List<String> cells(String arm, double largest) {
            return List.of(
                    arm,
                    Integer.toString(step),
                    Estimate.number(mean) + " \u00b1 " + Estimate.number(error),
                    Estimate.number(bias()),
                    Estimate.number(std),
                    percent(above),
                    percent(below),
                    Estimate.number(gradNorm),
                    percent(gradNorm / largest));
        }

        private static String percent(double share) {
            return String.format(Locale.ROOT, "%.1f %%", 100 * share);
        }
    }

    private static List<Step> steps(List<MetricsLog.Row> rows) {
        TreeSet<Integer> numbers = new TreeSet<>();
        rows.forEach(row -> row.values().keySet().forEach(name -> {
            Matcher matcher = STEP.matcher(name);
            if (matcher.matches()) {
                numbers.add(Integer.parseInt(matcher.group(1)));
            }
        }));
        return numbers.stream().map(number -> step(rows, number)).toList();
    }

    private static Step step(List<MetricsLog.Row> rows, int number) {
        String prefix = "step_" + number + "_";
        List<MetricsLog.Row> own = rows.stream()
                .filter(row -> row.values().containsKey(prefix + "grad_norm"))
                .toList();
        ToDoubleFunction<MetricsLog.Row> variance =
                row -> value(row, prefix + "log_ratio_squared") - Math.pow(value(row, prefix + "log_ratio"), 2);
        double[] errors = own.stream()
                .mapToDouble(row -> variance.applyAsDouble(row) / value(row, prefix + "samples"))
                .toArray();
        return new Step(
                number,
                mean(own, prefix + "log_ratio"),
                Math.sqrt(Arrays.stream(errors).sum()) / own.size(),
                Math.sqrt(own.stream().mapToDouble(variance).average().orElse(Double.NaN)),
                mean(own, prefix + "above_share"),
                mean(own, prefix + "below_share"),
                mean(own, prefix + "grad_norm"));
    }

    private static double mean(List<MetricsLog.Row> rows, String metric) {
        return rows.stream().mapToDouble(row -> value(row, metric)).average().orElse(Double.NaN);
    }

    private static double value(MetricsLog.Row row, String metric) {
        return row.values().getOrDefault(metric, Double.NaN);
    }
}
