package org.imagerl.spi;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Advantages of samples, the same for all steps of a sample or one for each step. NaN is a sample without a reward, which has no advantage.
 *
 * @param samples one per sample: its own, or the mean of its steps
 * @param steps by sample and step; null where all steps of a sample have its own
 */
public record Advantages(double[] samples, double @Nullable [][] steps) {

    /** One per sample, which all of its steps have. */
    public static Advantages ofSamples(double... samples) {
        return new Advantages(samples, null);
    }

    /**
     * One per sample and step.
     *
     * @param steps as many for every sample as the chain has steps
     */
    public static Advantages ofSteps(double[][] steps) {
        double[] means = Arrays.stream(steps)
                .mapToDouble(own -> Arrays.stream(own).average().orElse(Double.NaN))
                .toArray();
        return new Advantages(means, steps);
    }

    /** One per sample, at a step of the chain. */
    public double[] at(int step) {
        double[][] each = steps;
        return each == null
                ? samples
                : Arrays.stream(each).mapToDouble(own -> own[step]).toArray();
    }

    /** Those of some samples, in their order. */
    public Advantages rows(int... rows) {
        double[] own = IntStream.of(rows).mapToDouble(row -> samples[row]).toArray();
        double[][] each = steps;
        return new Advantages(
                own,
                each == null
                        ? null
                        : IntStream.of(rows).mapToObj(row -> each[row]).toArray(double[][]::new));
    }

    /** Each of them changed; of those per step the sample's is the mean again. */
    public Advantages map(DoubleUnaryOperator change) {
        return steps == null
                ? new Advantages(Arrays.stream(samples).map(change).toArray(), null)
                : ofSteps(Arrays.stream(steps)
                        .map(own -> Arrays.stream(own).map(change).toArray())
                        .toArray(double[][]::new));
    }
}
