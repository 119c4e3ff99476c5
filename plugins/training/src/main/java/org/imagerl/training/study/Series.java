package org.imagerl.training.study;

import java.util.Arrays;
import java.util.List;
import org.imagerl.training.report.MetricsLog;

/**
 * A metric of one run where it was measured, against the epochs or against a cost that adds up over them.
 *
 * @param x ascending
 * @param y as many
 */
record Series(double[] x, double[] y) {
    static final String EPOCH = "epoch";

    /**
     * Reads a metric.
     *
     * @param x {@link #EPOCH}, or the name of a metric that is summed
     */
    static Series of(List<MetricsLog.Row> rows, String x, String y) {
        double[] xs = new double[rows.size()];
        double[] ys = new double[rows.size()];
        double sum = 0;
        int n = 0;
        for (MetricsLog.Row row : rows) {
            sum += finite(row.values().getOrDefault(x, 0.0));
            double value = row.values().getOrDefault(y, Double.NaN);
            if (Double.isFinite(value)) {
                xs[n] = x.equals(EPOCH) ? row.step() : sum;
                ys[n++] = value;
            }
        }
        return new Series(Arrays.copyOf(xs, n), Arrays.copyOf(ys, n));
    }

    private static double finite(double value) {
        return Double.isFinite(value) ? value : 0;
    }

    int size() {
        return x.length;
    }

    double first() {
        return size() == 0 ? Double.NaN : y[0];
    }

    double last() {
        return size() == 0 ? Double.NaN : y[size() - 1];
    }

    /** The highest value; NaN if there is none. */
    double best() {
        return Arrays.stream(y).max().orElse(Double.NaN);
    }

    /** Where a level is first reached, linearly between two measurements; infinite if never. */
    double reached(double level) {
        for (int i = 0; i < size(); i++) {
            if (y[i] >= level) {
                return i == 0 ? x[0] : x[i - 1] + (x[i] - x[i - 1]) * (level - y[i - 1]) / (y[i] - y[i - 1]);
            }
        }
        return Double.POSITIVE_INFINITY;
    }

    /** The value at a place, linearly between two measurements; NaN outside of them. */
    double at(double place) {
        for (int i = 0; i < size(); i++) {
            if (x[i] >= place) {
                boolean exact = x[i] == place;
                if (exact || i == 0) {
                    return exact ? y[i] : Double.NaN;
                }
                return y[i - 1] + (y[i] - y[i - 1]) * (place - x[i - 1]) / (x[i] - x[i - 1]);
            }
        }
        return Double.NaN;
    }
}
