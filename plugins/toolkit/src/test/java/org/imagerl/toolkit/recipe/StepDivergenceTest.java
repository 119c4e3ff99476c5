package org.imagerl.toolkit.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.function.DoubleUnaryOperator;
import org.imagerl.toolkit.tensor.Gradients;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Divergences of two Gaussians of one standard deviation, whose means are sqrt(k) standard deviations apart. */
class StepDivergenceTest {

    private static StepDivergence of(StepDivergence.Divergence divergence) {
        return new StepDivergence(new StepDivergence.Config(divergence, 1, null, StepDivergence.Elements.MEAN, 1e-4));
    }

    private static double[] values(StepDivergence.Divergence divergence, double... k) {
        try (NDManager manager = NDManager.newBaseManager(null, "PyTorch")) {
            return Gradients.off(
                    () -> of(divergence).divergence(manager.create(k)).toDoubleArray());
        }
    }

    /** The integral of {@code f(p, q)} over the line by the trapezoidal rule, p and q the two densities. */
    private static double integral(double k, java.util.function.DoubleBinaryOperator f) {
        DoubleUnaryOperator normal = x -> Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
        double sum = 0;
        double width = 1e-3;
        for (double x = -12; x < 14; x += width) {
            sum += width * f.applyAsDouble(normal.applyAsDouble(x - Math.sqrt(k)), normal.applyAsDouble(x));
        }
        return sum;
    }

    @Test
    void eachIsTheIntegralThatDefinesIt() {
        for (double k : new double[] {0.01, 0.3, 1.7}) {
            check(StepDivergence.Divergence.KL, k, integral(k, (p, q) -> p * Math.log(p / q)));
            check(StepDivergence.Divergence.CHI2, k, integral(k, (p, q) -> (p - q) * (p - q) / q));
            check(StepDivergence.Divergence.TOTAL_VARIATION, k, integral(k, (p, q) -> Math.abs(p - q) / 2));
            check(StepDivergence.Divergence.HELLINGER, k, 1 - integral(k, (p, q) -> Math.sqrt(p * q)));
            check(StepDivergence.Divergence.SQRT_CHI2, k, Math.sqrt(Math.expm1(k)));
        }
    }

    private static void check(StepDivergence.Divergence divergence, double k, double expected) {
        assertThat(values(divergence, k)[0]).as("%s of %s", divergence, k).isCloseTo(expected, within(1e-6));
    }

    @Test
    void forSmallDistancesTheyAreOneUpToAFactor() {
        double k = 1e-5;
        double kl = values(StepDivergence.Divergence.KL, k)[0];
        assertThat(values(StepDivergence.Divergence.CHI2, k)[0] / 2).isCloseTo(kl, withinPercentage(0.01));
        assertThat(4 * values(StepDivergence.Divergence.HELLINGER, k)[0]).isCloseTo(kl, withinPercentage(0.01));
        assertThat(values(StepDivergence.Divergence.SQRT_CHI2, k)[0])
                .as("the floor")
                .isCloseTo(0.01, within(1e-9));
    }

    /** At the reference itself, where a root has no finite slope. */
    @ParameterizedTest
    @EnumSource
    void theGradientIsFiniteAtTheReference(StepDivergence.Divergence divergence) {
        try (NDManager manager = NDManager.newBaseManager(null, "PyTorch")) {
            NDArray mu = manager.zeros(new ai.djl.ndarray.types.Shape(2));
            mu.setRequiresGradient(true);
            Gradients.record(recording -> {
                recording.backward(of(divergence).divergence(mu.mul(mu)).sum());
                return mu;
            });
            assertThat(mu.getGradient().toFloatArray()).containsExactly(0, 0);
        }
    }

    @Test
    void coefficientsAreAboveZero() {
        assertThatThrownBy(() -> new StepDivergence.Config(
                        StepDivergence.Divergence.KL, 0, null, StepDivergence.Elements.MEAN, 1e-4))
                .hasMessageContaining("must be above 0");
    }
}
