package org.imagerl.toolkit.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.spi.State;
import org.imagerl.spi.run.Optimiser;
import org.imagerl.spi.run.UpdateRule;
import org.imagerl.toolkit.nn.TensorFiles;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EightBitAdamWTest {
    private static final AdamW.Settings SETTINGS = new AdamW.Settings(0.9, 0.99, 1e-8, 0.01, 0);
    private static final UpdateRule EIGHT_BIT = new EightBitAdamW(SETTINGS);
    private static final double RATE = 0.01;

    /** Gradients of a block within a factor of 20. */
    private static final double NEAR = 3;

    /** Within a factor of 10,000, so that the squares of most are far below the smallest code. */
    private static final double FAR = 9.2;

    /** No multiple of a block, and one that is small. */
    private static final Map<String, Shape> SHAPES = Map.of("large", new Shape(70, 61), "small", new Shape(8, 8));

    private final NDManager manager = NDManager.newBaseManager();

    private SortedMap<String, NDArray> zeros() {
        SortedMap<String, NDArray> parameters = new TreeMap<>();
        SHAPES.forEach((name, shape) -> {
            NDArray leaf = manager.zeros(shape);
            leaf.setRequiresGradient(true);
            parameters.put(name, leaf);
        });
        return parameters;
    }

    /** Steps with gradients of sizes from e^-spread to 1, each with a direction and noise. */
    private void train(Optimiser optimiser, SortedMap<String, NDArray> parameters, double spread, int from, int to) {
        for (int step = from; step < to; step++) {
            int seed = step;
            parameters.forEach((name, parameter) -> Scope.run(() -> Gradients.record(recording -> {
                NDArray size = Kernels.scale(Kernels.rand(manager, 1, parameter.getShape()), -spread)
                        .exp();
                NDArray way = Kernels.randn(manager, 2, parameter.getShape());
                NDArray noise = Kernels.randn(manager, 3 + seed, parameter.getShape());
                recording.backward(
                        Kernels.scale(parameter, 1),
                        Kernels.combine(way, 1, noise, 0.5).mul(size));
                return size;
            })));
            optimiser.step(RATE);
        }
    }

    private SortedMap<String, NDArray> trained(UpdateRule rule, double spread, int steps) {
        SortedMap<String, NDArray> parameters = zeros();
        try (Optimiser optimiser = rule.over(parameters, name -> 1, manager)) {
            train(optimiser, parameters, spread, 0, steps);
        }
        return parameters;
    }

    private static float[] floats(Map<String, NDArray> parameters, String name) {
        return Objects.requireNonNull(parameters.get(name)).toFloatArray();
    }

    @Test
    void theFirstStepAndSmallTensorsAreThoseOfFloat32() {
        assertThat(floats(trained(EIGHT_BIT, NEAR, 1), "large"))
                .containsExactly(floats(trained(SETTINGS, NEAR, 1), "large"), within(1e-7f));
        assertThat(floats(trained(EIGHT_BIT, NEAR, 5), "small")).isEqualTo(floats(trained(SETTINGS, NEAR, 5), "small"));
    }

    @Test
    void afterManyStepsWeightsAreNearThoseOfFloat32() {
        float[] exact = floats(trained(SETTINGS, NEAR, 40), "large");
        float[] actual = floats(trained(EIGHT_BIT, NEAR, 40), "large");
        double difference = 0;
        double way = 0;
        for (int i = 0; i < exact.length; i++) {
            difference += Math.pow((double) actual[i] - exact[i], 2);
            way += Math.pow(exact[i], 2);
        }
        assertThat(Math.sqrt(difference / way)).isBetween(1e-4, 0.05);
    }

    /** Rounded to zero, the mean of squares of a small gradient would make its updates many times too large. */
    @Test
    void noWeightRunsAwayWhereItsGradientsAreFarSmallerThanThoseBesideIt() {
        float[] exact = floats(trained(SETTINGS, FAR, 40), "large");
        float[] actual = floats(trained(EIGHT_BIT, FAR, 40), "large");
        double largest = 0;
        int worst = 0;
        for (int i = 0; i < exact.length; i++) {
            largest = Math.max(largest, Math.abs(exact[i]));
            worst = Math.abs(actual[i]) > Math.abs(actual[worst]) ? i : worst;
        }
        assertThat((double) Math.abs(actual[worst]))
                .as("element %d is %s, the largest with float32 moments %s", worst, actual[worst], largest)
                .isLessThan(2 * largest);
    }

    @Test
    void aMomentTakesTwoBytes() {
        try (Optimiser optimiser = EIGHT_BIT.over(zeros(), name -> 1, manager)) {
            long bytes = optimiser.state().tensors().entrySet().stream()
                    .filter(entry -> entry.getKey().contains("large"))
                    .mapToLong(entry -> entry.getValue().size()
                            * entry.getValue().getDataType().getNumOfBytes())
                    .sum();
            assertThat(bytes / (70 * 61.0)).isBetween(2.0, 2.1);
        }
    }

    @Test
    void aResumedTrainingIsEqualToTheBit(@TempDir Path folder) {
        float[] whole = floats(trained(EIGHT_BIT, NEAR, 6), "large");
        SortedMap<String, NDArray> parameters = zeros();
        Path file = folder.resolve("moments.safetensors");
        double steps;
        try (Optimiser first = EIGHT_BIT.over(parameters, name -> 1, manager)) {
            train(first, parameters, NEAR, 0, 3);
            steps = first.state().number("steps");
            TensorFiles.save(file, first.state().tensors(), Map.of());
        }
        try (Optimiser second = EIGHT_BIT.over(parameters, name -> 1, manager)) {
            TensorFiles.restore(file, second.state().tensors());
            second.restore(State.count("steps", (long) steps));
            train(second, parameters, NEAR, 3, 6);
        }
        assertThat(floats(parameters, "large")).isEqualTo(whole);
    }

    @Test
    void theCodesAreThoseOfDynamicTreeQuantisation() {
        float[] signed = DynamicCode.signed();
        float[] unsigned = DynamicCode.unsigned();
        assertThat(signed).hasSize(256).isSorted();
        assertThat(unsigned).hasSize(256).isSorted();
        assertThat(signed[0]).isEqualTo(-0.99296874f);
        assertThat(signed[127]).isZero();
        assertThat(new float[] {signed[128], signed[254], signed[255]}).containsExactly(5.5e-7f, 0.99296874f, 1);
        assertThat(new float[] {unsigned[0], unsigned[1], unsigned[2], unsigned[255]})
                .containsExactly(0, 3.25e-7f, 7.75e-7f, 1);
        assertThat(DynamicCode.zero(unsigned)).isZero();
    }
}
