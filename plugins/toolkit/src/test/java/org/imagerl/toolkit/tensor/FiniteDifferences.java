package org.imagerl.toolkit.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import java.util.function.Function;

/** Compares recorded gradients of {@code sum(f(x) w)} with central differences in float64. */
public final class FiniteDifferences {
    private static final double STEP = 1e-5;

    private FiniteDifferences() {}

    /** Fails with the input, the element and both values if they differ by more than {@code tolerance}. */
    public static void check(Function<NDArray[], NDArray> f, NDArray[] inputs, double tolerance) {
        NDArray weights = Gradients.off(() -> weights(f.apply(inputs)));
        for (NDArray input : inputs) {
            input.setRequiresGradient(true);
        }
        Gradients.record(recording -> {
            recording.backward(f.apply(inputs), weights);
            return weights;
        });
        for (int i = 0; i < inputs.length; i++) {
            double[] gradient = inputs[i]
                    .getGradient()
                    .toType(ai.djl.ndarray.types.DataType.FLOAT64, false)
                    .toDoubleArray();
            for (int k = 0; k < gradient.length; k++) {
                double expected = difference(f, inputs, i, k, weights);
                assertThat(Math.abs(gradient[k] - expected))
                        .as("input %d element %d: recorded %s, difference quotient %s", i, k, gradient[k], expected)
                        .isLessThanOrEqualTo(tolerance * Math.max(1, Math.abs(expected)));
            }
        }
    }

    private static NDArray weights(NDArray like) {
        double[] values = new double[(int) like.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.sin(1 + 2.3 * i);
        }
        return like.getManager().create(values, like.getShape());
    }

    private static double difference(
            Function<NDArray[], NDArray> f, NDArray[] inputs, int which, int element, NDArray weights) {
        return (valueAt(f, inputs, which, element, STEP, weights) - valueAt(f, inputs, which, element, -STEP, weights))
                / (2 * STEP);
    }

    private static double valueAt(
            Function<NDArray[], NDArray> f, NDArray[] inputs, int which, int element, double delta, NDArray weights) {
        return Gradients.off(() -> {
            NDArray[] moved = inputs.clone();
            double[] values = inputs[which].toDoubleArray();
            values[element] += delta;
            moved[which] = inputs[which].getManager().create(values, inputs[which].getShape());
            return f.apply(moved).mul(weights).sum().getDouble();
        });
    }
}
