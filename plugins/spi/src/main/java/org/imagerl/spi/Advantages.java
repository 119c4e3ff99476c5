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
 * @param demonstrated the samples in whose place an objective trains on demonstrations of their prompts; null is none
 */
public record Advantages(double[] samples, double @Nullable [][] steps, boolean @Nullable [] demonstrated) {

    /** One per sample, which all of its steps have. */
    public static Advantages ofSamples(double... samples) {
        return new Advantages(samples, null, null);
    }

    /** The same, with demonstrations in the place of some samples. */
    public Advantages demonstrated(boolean[] shown) {
        return new Advantages(samples, steps, shown);
    }

    /** Whether a demonstration stands in the place of a sample. */
    public boolean isDemonstrated(int sample) {
        boolean[] shown = demonstrated;
        return shown != null && shown[sample];
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
        return new Advantages(means, steps, null);
    }

    /** One per sample, at a step of the chain. */
    public double[] at(int step) {
        double[][] each = steps;
        return each == null
                ? samples
                : Arrays.stream(each).mapToDouble(own -> own[step]).toArray();
    }

    /**
     * The same, but 0 at the first steps of some samples.
     *
     * @param first by sample, the step from which on it keeps them
     * @param chain steps of a sample
     */
    public Advantages from(int[] first, int chain) {
        if (Arrays.stream(first).allMatch(step -> step == 0)) {
            return this;
        }
        double[][] own = steps;
        double[] means = samples.clone();
        double[][] each = new double[samples.length][];
        for (int i = 0; i < each.length; i++) {
            if (own == null) {
                each[i] = new double[chain];
                Arrays.fill(each[i], samples[i]);
            } else {
                each[i] = own[i].clone();
            }
            if (first[i] > 0) {
                Arrays.fill(each[i], 0, first[i], 0);
                means[i] = Arrays.stream(each[i]).average().orElse(Double.NaN);
            }
        }
        return new Advantages(means, each, demonstrated);
    }

    /** The advantages of some samples, in their order. */
    public Advantages rows(int... rows) {
        double[] own = IntStream.of(rows).mapToDouble(row -> samples[row]).toArray();
        double[][] each = steps;
        return new Advantages(
                own,
                each == null
                        ? null
                        : IntStream.of(rows).mapToObj(row -> each[row]).toArray(double[][]::new),
                shown(rows));
    }

    private boolean @Nullable [] shown(int... rows) {
        if (demonstrated == null) {
            return null;
        }
        boolean[] shown = new boolean[rows.length];
        for (int i = 0; i < rows.length; i++) {
            shown[i] = isDemonstrated(rows[i]);
        }
        return shown;
    }

    /** Each of them changed; of those per step the sample's is the mean again. */
    public Advantages map(DoubleUnaryOperator change) {
        double[][] each = steps;
        Advantages changed = each == null
                ? ofSamples(Arrays.stream(samples).map(change).toArray())
                : ofSteps(Arrays.stream(each)
                        .map(own -> Arrays.stream(own).map(change).toArray())
                        .toArray(double[][]::new));
        return new Advantages(changed.samples, changed.steps, demonstrated);
    }
}
