package org.imagerl.scoring;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.statistics.distribution.TDistribution;
import org.imagerl.scoring.reward.Statistics;

/**
 * How scores change from one generator to another on the same prompts and seeds. Images of one prompt are no independent trials: the
 * prompt makes them alike. So the interval is that of means over prompts, as if the prompts were drawn by chance: with {@code d_i} the
 * change of image i, {@code d} their mean, n images and G prompts,
 *
 * <pre>
 * variance = G / (G - 1) * sum over prompts of (sum over images of the prompt of (d_i - d))^2 / n^2
 * </pre>
 *
 * and the interval is {@code d} plus and minus the 0.975 quantile of Student's distribution with G - 1 degrees of freedom times the root
 * (Liang and Zeger, "Longitudinal data analysis using generalized linear models", 1986). With as many images for each prompt it is
 * Student's interval of the prompts' means. Where there is one prompt alone, every image counts as one: the interval is about its seeds.
 *
 * @param n pairs in which both have a score; if there are none, the other numbers are NaN
 * @param before mean of the first
 * @param after mean of the second
 * @param change after minus before
 * @param low lower end of its 95 % confidence interval; NaN for a single pair
 * @param high upper end
 * @param better pairs in which the second is better
 * @param worse pairs in which the first is better; the rest are equal
 */
public record PairedChange(
        int n, double before, double after, double change, double low, double high, int better, int worse) {
    private static final double QUANTILE = 0.975;

    /**
     * Compares.
     *
     * @param before a score per image, NaN where there is none
     * @param after of the same prompts and seeds
     * @param prompts the prompt of each image; equal texts are one prompt
     * @param higherIsBetter of the reward
     */
    public static PairedChange of(double[] before, double[] after, List<String> prompts, boolean higherIsBetter) {
        Map<String, double[]> groups = new LinkedHashMap<>(); // sum of changes, and how many
        boolean single = prompts.stream().distinct().count() == 1;
        double[] first = new double[before.length];
        double[] second = new double[before.length];
        int better = 0;
        int worse = 0;
        for (int i = 0; i < before.length; i++) {
            double change = after[i] - before[i];
            first[i] = Double.isNaN(change) ? Double.NaN : before[i];
            second[i] = Double.isNaN(change) ? Double.NaN : after[i];
            if (!Double.isNaN(change)) {
                double[] group = groups.computeIfAbsent(single ? "" + i : prompts.get(i), any -> new double[2]);
                group[0] += change;
                group[1]++;
                double gain = higherIsBetter ? change : -change;
                better += gain > 0 ? 1 : 0;
                worse += gain < 0 ? 1 : 0;
            }
        }
        Statistics a = Statistics.of(first);
        double mean = Statistics.of(second).mean() - a.mean();
        double half = half(groups, a.n(), mean);
        return new PairedChange(
                a.n(), a.mean(), Statistics.of(second).mean(), mean, mean - half, mean + half, better, worse);
    }

    private static double half(Map<String, double[]> groups, int n, double mean) {
        int count = groups.size();
        if (count < 2) {
            return Double.NaN;
        }
        double squares = groups.values().stream()
                .mapToDouble(group -> group[0] - group[1] * mean)
                .map(sum -> sum * sum)
                .sum();
        double variance = count / (count - 1.0) * squares / ((double) n * n);
        return TDistribution.of(count - 1).inverseCumulativeProbability(QUANTILE) * Math.sqrt(variance);
    }
}
