package org.imagerl.ctrl.classifier;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.imagerl.toolkit.nn.Parameter;
import org.imagerl.toolkit.nn.Parameter.Init;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.InPlaceKernels;
import org.imagerl.toolkit.tensor.Scope;

/**
 * Standardises every channel by its mean and standard deviation over the training images, so that one learning rate
 * suits all channels: the coefficients of high frequencies hardly change from image to image, those of low frequencies
 * change much.
 */
final class Standardised {
    private static final int AT_A_TIME = 64;
    /** A channel that does not change says nothing: it stays near 0. */
    private static final double LAST_BITS = 1e-6;

    private final int channels;
    private final Parameter mean;
    private final Parameter std;

    /** Declares {@code mean} and {@code std}, float32 {@code [channels, 1, 1]}; until they are measured nothing changes. */
    Standardised(ParameterScope place, int channels) {
        this.channels = channels;
        Shape shape = new Shape(channels, 1, 1);
        mean = place.parameter("mean", shape, new Init.Table(() -> new float[channels]));
        std = place.parameter("std", shape, new Init.Table(() -> filled(channels)));
    }

    private static float[] filled(int channels) {
        float[] ones = new float[channels];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** {@code [B, channels, H, W]} to the same. */
    NDArray apply(NDArray x) {
        return x.sub(mean.value()).div(std.value());
    }

    /**
     * Measures both.
     *
     * @param input of what is standardised, made of images
     */
    void measure(UnaryOperator<NDArray> input, ClassifierInput inputs, NDManager manager, int... training) {
        double[] sums = new double[channels];
        double[] squares = new double[channels];
        long places = 0;
        for (int from = 0; from < training.length; from += AT_A_TIME) {
            int[] rows = Arrays.copyOfRange(training, from, Math.min(training.length, from + AT_A_TIME));
            places += add(input, inputs, manager, rows, sums, squares);
        }
        float[] means = new float[channels];
        float[] deviations = new float[channels];
        for (int i = 0; i < channels; i++) {
            double average = sums[i] / places;
            double deviation = Math.sqrt(Math.max(0, squares[i] / places - average * average));
            means[i] = (float) average;
            deviations[i] = (float) (deviation > LAST_BITS ? deviation : 1);
        }
        write(mean.value(), means);
        write(std.value(), deviations);
    }

    private static long add(
            UnaryOperator<NDArray> input,
            ClassifierInput inputs,
            NDManager manager,
            int[] rows,
            double[] sums,
            double[] squares) {
        long[] places = new long[1];
        try (NDManager scope = manager.newSubManager()) {
            Scope.run(() -> Gradients.off(() -> {
                NDArray x = input.apply(inputs.of(scope, rows)).toType(DataType.FLOAT64, false);
                int[] others = {0, 2, 3};
                add(sums, x.sum(others));
                add(squares, x.mul(x).sum(others));
                places[0] = x.size() / sums.length;
                return x;
            }));
        }
        return places[0];
    }

    private static void add(double[] sums, NDArray own) {
        double[] values = own.toDoubleArray();
        Arrays.setAll(sums, i -> sums[i] + values[i]);
    }

    /** Overwrites a weight that is not being recorded. */
    static void write(NDArray tensor, float... values) {
        Scope.run(() -> Gradients.off(() -> {
            InPlaceKernels.copyInPlace(tensor, tensor.getManager().create(values, tensor.getShape()));
            return tensor;
        }));
    }
}
