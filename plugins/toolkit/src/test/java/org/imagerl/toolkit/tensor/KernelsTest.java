package org.imagerl.toolkit.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class KernelsTest {

    private record Case(String name, Function<NDArray[], NDArray> kernel, Shape... inputs) {}

    @TestFactory
    List<DynamicTest> gradientsEqualFiniteDifferencesInFloat64() {
        List<Case> cases = List.of(
                new Case("silu", x -> Kernels.silu(x[0]), new Shape(2, 5)),
                new Case("gelu", x -> Kernels.gelu(x[0]), new Shape(2, 5)),
                new Case("geluTanh", x -> Kernels.geluTanh(x[0]), new Shape(2, 5)),
                new Case("quickGelu", x -> Kernels.quickGelu(x[0]), new Shape(2, 5)),
                new Case("geglu", x -> Kernels.geglu(x[0]), new Shape(2, 6)),
                new Case(
                        "groupNorm",
                        x -> Kernels.groupNorm(x[0], x[1], x[2], 2, 1e-5),
                        new Shape(2, 4, 3, 3),
                        new Shape(4),
                        new Shape(4)),
                new Case(
                        "groupNormSilu",
                        x -> Kernels.groupNormSilu(x[0], x[1], x[2], 2, 1e-5),
                        new Shape(2, 4, 3, 3),
                        new Shape(4),
                        new Shape(4)),
                new Case(
                        "layerNorm",
                        x -> Kernels.layerNorm(x[0], x[1], x[2], 1e-5),
                        new Shape(3, 6),
                        new Shape(6),
                        new Shape(6)),
                new Case("layerNormPlain", x -> Kernels.layerNorm(x[0], 1e-6), new Shape(3, 6)),
                new Case("rmsNorm", x -> Kernels.rmsNorm(x[0], x[1], 1e-6), new Shape(3, 6), new Shape(6)),
                new Case("rmsNormHeads", x -> Kernels.rmsNormHeads(x[0], x[1], 1e-6), new Shape(2, 3, 8), new Shape(4)),
                new Case(
                        "modulatedNorm",
                        x -> Kernels.modulatedNorm(x[0], x[1], x[2], 1e-6),
                        new Shape(2, 3, 6),
                        new Shape(2, 6),
                        new Shape(2, 6)),
                new Case(
                        "gatedAdd",
                        x -> Kernels.gatedAdd(x[0], x[1], x[2]),
                        new Shape(2, 3, 4),
                        new Shape(2, 4),
                        new Shape(2, 3, 4)),
                new Case("rotatePairs", x -> Kernels.rotatePairs(x[0], x[1]), new Shape(2, 3, 8), new Shape(2, 3, 2)),
                new Case(
                        "attention",
                        x -> Kernels.attention(x[0], x[1], x[2], 2, false),
                        new Shape(2, 3, 8),
                        new Shape(2, 5, 8),
                        new Shape(2, 5, 8)),
                new Case(
                        "causalAttention",
                        x -> Kernels.attention(x[0], x[1], x[2], 2, true),
                        new Shape(1, 4, 8),
                        new Shape(1, 4, 8),
                        new Shape(1, 4, 8)),
                new Case(
                        "maskedAttention",
                        x -> Kernels.attention(x[0], x[1], x[2], 2, x[3], 0.8),
                        new Shape(1, 4, 8),
                        new Shape(1, 4, 8),
                        new Shape(1, 4, 8),
                        new Shape(1, 1, 4, 4)),
                new Case("upsampleNearest", x -> Kernels.upsampleNearest(x[0], 5, 7), new Shape(1, 2, 3, 4)),
                new Case(
                        "loraLinear",
                        x -> Kernels.loraLinear(x[0], x[1], x[2], x[3], 0.7),
                        new Shape(3, 4),
                        new Shape(3, 5),
                        new Shape(2, 5),
                        new Shape(4, 2)),
                new Case(
                        "loraConv2d",
                        x -> Kernels.loraConv2d(x[0], x[1], x[2], x[3], 0.7, 2, 1),
                        new Shape(1, 3, 2, 2),
                        new Shape(1, 2, 4, 4),
                        new Shape(2, 2, 3, 3),
                        new Shape(3, 2, 1, 1)),
                new Case(
                        "loraWeight",
                        x -> Kernels.loraWeight(x[0], x[1], x[2], 0.7),
                        new Shape(3, 2, 2, 2),
                        new Shape(2, 2, 2, 2),
                        new Shape(3, 2, 1, 1)),
                new Case("scale", x -> Kernels.scale(x[0], -1.7), new Shape(4)),
                new Case("shift", x -> Kernels.shift(x[0], 3.5), new Shape(4)),
                new Case("combine", x -> Kernels.combine(x[0], 0.3, x[1], -2.5), new Shape(4), new Shape(4)),
                new Case("clamp", x -> Kernels.clamp(x[0], -0.4, 0.6), new Shape(9)),
                new Case("meanPerSample", x -> Kernels.meanPerSample(x[0]), new Shape(3, 2, 2)),
                new Case(
                        "gaussianLogDensity",
                        x -> Kernels.gaussianLogDensity(x[0], x[1], 0.3),
                        new Shape(2, 3),
                        new Shape(2, 3)));
        return cases.stream()
                .map(c -> DynamicTest.dynamicTest(c.name(), () -> check(c)))
                .toList();
    }

    private static void check(Case c) {
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
