package org.imagerl.toolkit.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class KernelsTest {

    @TestFactory
    List<DynamicTest> gradientsEqualFiniteDifferencesInFloat64() {
        return KernelCase.all().stream()
                .map(c -> DynamicTest.dynamicTest(c.name(), () -> check(c)))
                .toList();
    }

    private static void check(KernelCase c) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray[] inputs = new NDArray[c.inputs().length];
            for (int i = 0; i < inputs.length; i++) {
                inputs[i] = manager.randomNormal(0, 1, c.inputs()[i], DataType.FLOAT32)
                        .toType(DataType.FLOAT64, true);
            }
            FiniteDifferences.check(c.kernel(), inputs, 1e-6);
        }
    }

    @Test
    void activationsHaveKnownValues() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.create(new double[] {-1, 0.5, 2});
            assertThat(Kernels.silu(x).toDoubleArray())
                    .containsExactly(
                            new double[] {-0.2689414213699951, 0.3112296656009273, 1.7615941559557646}, within(1e-12));
            assertThat(Kernels.gelu(x).toDoubleArray())
                    .containsExactly(
                            new double[] {-0.15865525393145707, 0.34573123063700656, 1.9544997361036416},
                            within(1e-12));
            assertThat(Kernels.quickGelu(x).toDoubleArray()[1]).isCloseTo(0.5 / (1 + Math.exp(-0.851)), within(1e-12));
        }
    }

    @Test
    void rotatePairsTurnsEveryPairOfEveryHeadByTheAngleOfItsPlace() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.create(new double[] {1, 0, 3, 4, 0, 2, 5, 6}, new Shape(1, 2, 4));
            NDArray quarterTurnThenNone = manager.create(new double[] {0, 1, 1, 0}, new Shape(2, 2, 1));
            assertThat(Kernels.rotatePairs(x, quarterTurnThenNone).toDoubleArray())
                    .containsExactly(0, 1, -4, 3, 0, 2, 5, 6);
        }
    }

    @Test
    void gaussianLogDensityFollowsTheMeanConvention() {
        try (NDManager manager = NDManager.newBaseManager()) {
            double std = 0.3;
            NDArray mean = manager.zeros(new Shape(2, 4, 8, 8));
            double peak = -Math.log(std) - 0.5 * Math.log(2 * Math.PI);
            assertThat(Kernels.gaussianLogDensity(mean, mean, std).toFloatArray()[1])
                    .isCloseTo((float) peak, within(1e-6f));
            NDArray away = manager.full(new Shape(2, 4, 8, 8), 0.1f);
            double expected = peak - 0.01 / (2 * std * std);
            assertThat(Kernels.gaussianLogDensity(away, mean, std).toFloatArray()[0])
                    .isCloseTo((float) expected, within(1e-6f));
        }
    }

    @Test
    void randnGivesTorchsNumbersForASeed() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray noise = Kernels.randn(manager, 0, new Shape(3));
            assertThat(noise.toFloatArray()).containsExactly(new float[] {1.5410f, -0.2934f, -2.1788f}, within(1e-4f));
            assertThat(noise.getManager()).isSameAs(manager);
            assertThat(Kernels.randn(manager, 1, new Shape(2, 3)).getShape()).isEqualTo(new Shape(2, 3));
        }
    }

    @Test
    void castIsDifferentiable() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.ones(new Shape(3));
            x.setRequiresGradient(true);
            Gradients.record(recording -> {
                recording.backward(Kernels.cast(x, DataType.FLOAT64).sum());
                return x;
            });
            assertThat(x.getGradient().toFloatArray()).containsExactly(1, 1, 1);
        }
    }

    @Test
    void kernelsMadeInsideAScopeLeaveTheirConstantsAlive() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.ones(new Shape(2));
            for (int i = 0; i < 3; i++) {
                NDArray y = Scope.of(() -> Kernels.scale(Kernels.shift(x, 123.25), 77.5));
                assertThat(y.toFloatArray()[0]).isEqualTo(124.25f * 77.5f);
            }
        }
    }
}
