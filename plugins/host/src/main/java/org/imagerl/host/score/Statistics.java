package org.imagerl.host.score;

import java.util.Arrays;

/**
 * What a set of numbers looks like. All are NaN if there is none.
 *
 * @param n how many
 * @param mean arithmetic
 * @param std population standard deviation
 * @param median the middle, between two numbers halfway
 * @param p5 fifth percentile, linear between the nearest two numbers
 * @param p95 95th percentile
 */
public record Statistics(int n, double mean, double std, double median, double p5, double p95, double min, double max) {

    /** The statistics of the numbers that are not NaN. */
    public static Statistics of(double... values) {
        double[] sorted =
                Arrays.stream(values).filter(v -> !Double.isNaN(v)).sorted().toArray();
        double mean = Arrays.stream(sorted).average().orElse(Double.NaN);
        double variance = Arrays.stream(sorted)
                .map(v -> (v - mean) * (v - mean))
                .average()
                .orElse(Double.NaN);
        return new Statistics(
                sorted.length,
                mean,
                Math.sqrt(variance),
                percentile(sorted, 0.5),
                percentile(sorted, 0.05),
                percentile(sorted, 0.95),
                percentile(sorted, 0),
                percentile(sorted, 1));
    }

    private static double percentile(double[] sorted, double share) {
        if (sorted.length == 0) {
            return Double.NaN;
        }
        double position = share * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
