package org.imagerl.rewards.model;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.imagerl.rewards.model.OnnxConfig.Activation;
import org.imagerl.rewards.model.OnnxConfig.Reduce;
import org.imagerl.rewards.onnx.TensorSpec;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * How the values that a model gives for an image become one number.
 *
 * @param index of the class, for {@code CLASS}
 * @param bins the value of each class, for {@code EXPECTATION}; empty for 1, 2, 3 and so on
 * @param threshold for {@code COUNT}
 */
record Reduction(Activation activation, Reduce reduce, int index, List<Double> bins, double threshold) {

    /** What a manifest says; a plain value if it says nothing. */
    static Reduction of(OnnxConfig.@Nullable Output output) {
        if (output == null) {
            return new Reduction(Activation.NONE, Reduce.VALUE, 0, List.of(), 0);
        }
        Reduce reduce = output.reduce() == null ? Reduce.VALUE : output.reduce();
        Integer index = output.index();
        Double threshold = output.threshold();
        if (reduce == Reduce.CLASS && (index == null || index < 0)) {
            throw UserException.input("output.index is missing: reduce: class needs the number of the class, from 0");
        }
        if (reduce == Reduce.COUNT && threshold == null) {
            throw UserException.input("output.threshold is missing: reduce: count needs it");
        }
        return new Reduction(
                output.activation() == null ? Activation.NONE : output.activation(),
                reduce,
                index == null ? 0 : index,
                output.bins() == null ? List.of() : List.copyOf(output.bins()),
                threshold == null ? 0 : threshold);
    }

    /**
     * Whether it can be done with so many values per image.
     *
     * @throws UserException if not
     */
    void check(String output, int count) {
        if (count == 0) {
            throw UserException.input("output " + TensorSpec.shown(output) + " has no values");
        }
        if (reduce == Reduce.VALUE && count != 1) {
            throw UserException.input(
                    "output " + TensorSpec.shown(output) + " has " + count + " values per image, not one; say in"
                            + " reward.yaml how they become one:"
                            + " output.reduce: class, expectation, mean, max"
                            + " or count");
        }
        if (reduce == Reduce.CLASS && index >= count) {
            throw UserException.input("output.index is " + index + ", but output " + TensorSpec.shown(output) + " has "
                    + count + " values per image, numbered from 0");
        }
        if (reduce == Reduce.EXPECTATION && !bins.isEmpty() && bins.size() != count) {
            throw UserException.input("output.bins has " + bins.size() + " values, but output "
                    + TensorSpec.shown(output) + " has " + count + " per image");
        }
    }

    /** The number of one image. */
    double apply(float[] values) {
        double[] x = activated(values);
        return switch (reduce) {
            case VALUE -> x[0];
            case CLASS -> x[index];
            case EXPECTATION -> expectation(x);
            case MEAN -> Arrays.stream(x).average().orElse(Double.NaN);
            case MAX -> Arrays.stream(x).max().orElse(Double.NaN);
            case COUNT -> Arrays.stream(x).filter(value -> value > threshold).count();
        };
    }

    private double expectation(double[] x) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * (bins.isEmpty() ? i + 1 : bins.get(i));
        }
        return sum;
    }

    private double[] activated(float[] values) {
        double[] x = new double[values.length];
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < x.length; i++) {
            x[i] = activation == Activation.SIGMOID ? 1 / (1 + Math.exp(-values[i])) : values[i];
            max = Math.max(max, x[i]);
        }
        if (activation == Activation.SOFTMAX) {
            double shift = max;
            double[] powers = Arrays.stream(x).map(v -> Math.exp(v - shift)).toArray();
            double sum = Arrays.stream(powers).sum();
            return Arrays.stream(powers).map(p -> p / sum).toArray();
        }
        return x;
    }

    /** For people. */
    String describe() {
        String active = activation == Activation.NONE ? "" : activation.name().toLowerCase(Locale.ROOT) + ", ";
        String what = reduce.name().toLowerCase(Locale.ROOT);
        return active + (reduce == Reduce.CLASS ? what + " " + index : what);
    }
}
