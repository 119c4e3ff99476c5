package org.imagerl.training.study;

import java.util.Arrays;
import java.util.Locale;

/**
 * A mean over seeds.
 *
 * @param n how many numbers; those that are not finite are left out
 * @param mean NaN if there is none
 * @param error the standard error of the mean, from the sample standard deviation; NaN below two numbers
 */
record Estimate(int n, double mean, double error) {

    static Estimate of(double... values) {
        double[] finite = Arrays.stream(values).filter(Double::isFinite).toArray();
        int n = finite.length;
        double mean = Arrays.stream(finite).average().orElse(Double.NaN);
        double squares = Arrays.stream(finite).map(v -> (v - mean) * (v - mean)).sum();
        return new Estimate(n, mean, n < 2 ? Double.NaN : Math.sqrt(squares / (n - 1) / n));
    }

    /** {@code 0.553 ± 0.012}. */
    @Override
    public String toString() {
        if (n == 0) {
            return "-";
        }
        return number(mean) + (Double.isNaN(error) ? "" : " \u00b1 " + number(error));
    }

    /** Three or four digits that say something. */
    static String number(double value) {
        double size = Math.abs(value);
        if (!Double.isFinite(value)) {
            return "-";
        }
        if (size != 0 && (size < 1e-3 || size >= 1e5)) {
            return String.format(Locale.ROOT, "%.2e", value);
        }
        return String.format(Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.3f", value);
    }
}
