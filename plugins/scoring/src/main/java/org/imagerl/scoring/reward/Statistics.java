package org.imagerl.scoring.reward;

import java.util.Arrays;

/**
 * Statistics of a set of numbers. All are NaN if the set is empty. Nothing overflows before the end: a mean, a standard
 * deviation or a percentile of finite numbers is finite.
 *
 * @param n how many
 * @param mean arithmetic
 * @param std population standard deviation
 * @param median the middle, between two numbers halfway
 * @param p5 fifth percentile, linear between the nearest two numbers
 * @param p95 95th percentile
 */
public record Statistics(int n, double mean, double std, double median, double p5, double p95, double min, double max) {

    /** The statistics of the numbers that are finite. */
    public static Statistics of(double... values) {
        double[] sorted =
                Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
        int exponent = exponent(sorted);
        double[] scaled = scaled(sorted, -exponent);
        double mean = Arrays.stream(scaled).average().orElse(Double.NaN);
        double variance = Arrays.stream(scaled)
                .map(v -> (v - mean) * (v - mean))
                .average()
                .orElse(Double.NaN);
        return new Statistics(
                sorted.length,
                Math.scalb(mean, exponent),
                Math.scalb(Math.sqrt(variance), exponent),
                Math.scalb(percentile(scaled, 0.5), exponent),
                Math.scalb(percentile(scaled, 0.05), exponent),
                Math.scalb(percentile(scaled, 0.95), exponent),
                Math.scalb(percentile(scaled, 0), exponent),
                Math.scalb(percentile(scaled, 1), exponent));
    }

    /** A power of two near the greatest magnitude: to divide by it is exact, and then no square or sum leaves the range of double. */
    public static int exponent(double... values) {
        double greatest = Arrays.stream(values).map(Math::abs).max().orElse(0);
        return greatest == 0 || !Double.isFinite(greatest) ? 0 : Math.getExponent(greatest);
    }

    /** The numbers times two to a power. */
    public static double[] scaled(double[] values, int exponent) {
        return Arrays.stream(values).map(v -> Math.scalb(v, exponent)).toArray();
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
