package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.assertj.core.data.Offset;
import org.imagerl.spi.StepNoise;
import org.junit.jupiter.api.Test;

/** What every distribution of the noise of steps must do; extend it with a test of your own. */
public abstract class StepNoiseContract {
    private static final int DRAWS = 100_000;
    private static final int CELLS = 80_000;
    private static final double FARTHEST = 40;
    private static final float MEAN = 0.25f;
    private static final double STD = 0.5;

    /** A fresh one. */
    protected abstract StepNoise create();

    private float[] draws(long seed) {
        try (NDManager manager = NDManager.newBaseManager()) {
            return create().draw(manager, seed, new Shape(1, 1, DRAWS / 100, 100))
                    .toFloatArray();
        }
    }

    /** The integral of a function of z times the density, by the midpoints of cells up to 40 standard deviations away. */
    private double expected(DoubleUnaryOperator function) {
        double width = 2 * FARTHEST / CELLS;
        float[] next = new float[CELLS];
        for (int i = 0; i < CELLS; i++) {
            next[i] = (float) (MEAN + STD * z(i, width));
        }
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray mean = manager.full(new Shape(CELLS, 1, 1, 1), MEAN, DataType.FLOAT32);
            float[] log = create().logDensity(manager.create(next, new Shape(CELLS, 1, 1, 1)), mean, STD)
                    .toFloatArray();
            double sum = 0;
            for (int i = 0; i < CELLS; i++) {
                sum += function.applyAsDouble(z(i, width)) * Math.exp(log[i]) * STD * width;
            }
            return sum;
        }
    }

    private static double z(int cell, double width) {
        return -FARTHEST + (cell + 0.5) * width;
    }

    private static double mean(float[] values, DoubleUnaryOperator function) {
        double sum = 0;
        for (float value : values) {
            sum += function.applyAsDouble(value);
        }
        return sum / values.length;
    }

    /** Numbers follow from the seed alone. */
    @Test
    public void drawsFollowFromTheSeed() {
        assertThat(draws(7)).isEqualTo(draws(7));
        assertThat(Arrays.equals(draws(7), draws(8))).isFalse();
    }

    /** Draws have mean 0 and variance 1, and so has the density, which is one. */
    @Test
    public void hasMeanZeroAndVarianceOne() {
        float[] drawn = draws(1);
        assertThat(mean(drawn, z -> z)).isCloseTo(0, Offset.offset(0.02));
        assertThat(mean(drawn, z -> z * z)).isCloseTo(1, Offset.offset(0.05));
        assertThat(expected(z -> 1)).isCloseTo(1, Offset.offset(2e-3));
        assertThat(expected(z -> z)).isCloseTo(0, Offset.offset(2e-3));
        assertThat(expected(z -> z * z)).isCloseTo(1, Offset.offset(0.02));
    }

    /** As many draws lie within a distance as the density says. */
    @Test
    public void theDensityIsThatOfTheDraws() {
        float[] drawn = draws(2);
        for (double distance : new double[] {0.1, 0.5, 1, 2, 3}) {
            DoubleUnaryOperator within = z -> Math.abs(z) < distance ? 1 : 0;
            assertThat(mean(drawn, within)).as("within " + distance).isCloseTo(expected(within), Offset.offset(0.01));
        }
    }

    /** The density of a latent is the mean over its elements, not the sum. */
    @Test
    public void theLogDensityIsAMeanOverElements() {
        try (NDManager manager = NDManager.newBaseManager()) {
            float[] next = {0.1f, -0.7f, 1.5f, 0.3f};
            NDArray apart = manager.create(next, new Shape(4, 1, 1, 1));
            NDArray together = manager.create(next, new Shape(1, 1, 2, 2));
            float[] each = create().logDensity(apart, apart.zerosLike(), STD).toFloatArray();
            float all = create().logDensity(together, together.zerosLike(), STD).getFloat(0);
            assertThat((double) all).isCloseTo(mean(each, l -> l), Offset.offset(1e-5));
        }
    }
}
