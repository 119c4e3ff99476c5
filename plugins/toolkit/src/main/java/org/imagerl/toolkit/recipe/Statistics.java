package org.imagerl.toolkit.recipe;

import java.util.Arrays;

/**
 * Mean and population standard deviation of the numbers that are not NaN.
 *
 * @param count how many there were
 */
public record Statistics(double mean, double std, int count) {

    /**
     * Two passes, in double, over the differences to the first number: of equal numbers the mean is that number and the std is 0, to
     * the bit. Without any number mean and std are NaN.
     */
    public static Statistics of(double[] values) {
        double[] numbers =
                Arrays.stream(values).filter(value -> !Double.isNaN(value)).toArray();
        double first = numbers.length == 0 ? Double.NaN : numbers[0];
        double sum = 0;
        for (double number : numbers) {
            sum += number - first;
        }
        double mean = first + sum / numbers.length;
        double squares = 0;
        for (double number : numbers) {
            squares += (number - mean) * (number - mean);
        }
        return new Statistics(mean, Math.sqrt(squares / numbers.length), numbers.length);
    }

    /** {@code (value - mean) / (std + epsilon)}; NaN stays NaN. */
    public double[] normalise(double[] values, double epsilon) {
        return divided(values, std + epsilon);
    }

    /** {@code (value - mean) / max(std, floor)}; NaN stays NaN. */
    public double[] normaliseAbove(double[] values, double floor) {
        return divided(values, Math.max(std, floor));
    }

    private double[] divided(double[] values, double by) {
        return Arrays.stream(values).map(value -> (value - mean) / by).toArray();
    }
}
