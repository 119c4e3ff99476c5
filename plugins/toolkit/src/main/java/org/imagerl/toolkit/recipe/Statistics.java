package org.imagerl.toolkit.recipe;

/**
 * Mean and population standard deviation of the numbers that are not NaN.
 *
 * @param count how many there were
 */
public record Statistics(double mean, double std, int count) {

    /** Two passes, in double. Without any number mean and std are NaN. */
    public static Statistics of(double[] values) {
        int count = 0;
        double sum = 0;
        for (double value : values) {
            if (!Double.isNaN(value)) {
                sum += value;
                count++;
            }
        }
        double mean = sum / count;
        double squares = 0;
        for (double value : values) {
            if (!Double.isNaN(value)) {
                squares += (value - mean) * (value - mean);
            }
        }
        return new Statistics(mean, Math.sqrt(squares / count), count);
    }

    /** {@code (value - mean) / (std + epsilon)}; NaN stays NaN. */
    public double[] normalise(double[] values, double epsilon) {
        double[] normalised = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            normalised[i] = (values[i] - mean) / (std + epsilon);
        }
        return normalised;
    }
}
