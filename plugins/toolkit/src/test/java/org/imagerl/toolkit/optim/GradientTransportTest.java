package org.imagerl.toolkit.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GradientTransportTest {
    private static final double RATE = 0.05;

    /** Curvatures of the loss {@code sum h / 2 x^2}, whose gradient is {@code h x}. */
    private static final Map<String, float[]> CURVATURES =
            Map.of("a", new float[] {1, 3, 0.25f}, "b", new float[] {2, 0.5f});

    private final NDManager manager = NDManager.newBaseManager();
    private final SortedMap<String, NDArray> parameters = new TreeMap<>();

    GradientTransportTest() {
        parameters.put("a", manager.create(new float[] {1, -2, 4}));
        parameters.put("b", manager.create(new float[] {0.5f, 3}));
        parameters.values().forEach(parameter -> parameter.setRequiresGradient(true));
    }

    private void differentiate() {
        parameters.forEach((name, x) -> Scope.run(() -> Gradients.record(recording -> {
            NDArray gradient = manager.create(CURVATURES.get(name)).mul(x.stopGradient());
            recording.backward(Kernels.scale(x, 1), gradient);
            return gradient;
        })));
    }

    private static Map<String, float[]> values(Map<String, NDArray> tensors) {
        Map<String, float[]> values = new TreeMap<>();
        tensors.forEach((name, tensor) -> values.put(name, tensor.toFloatArray()));
        return values;
    }

    private static double distance(Map<String, float[]> one, Map<String, float[]> other) {
        double sum = 0;
        for (Map.Entry<String, float[]> entry : one.entrySet()) {
            float[] b = Objects.requireNonNull(other.get(entry.getKey()));
            for (int i = 0; i < b.length; i++) {
                sum += Math.pow((double) entry.getValue()[i] - b[i], 2);
            }
        }
        return Math.sqrt(sum);
    }

    private GradientTransport transport(Double momentum, double stepPower) {
        return new GradientTransport.Settings(momentum, 0.8, stepPower).over(parameters, name -> 1, manager);
    }

    @Test
    void withoutMomentumItIsNormalisedDescentWithStepsOfTheLearningRate() {
        try (GradientTransport transport = transport(0.0, 0)) {
            for (int i = 0; i < 4; i++) {
                Map<String, float[]> before = values(parameters);
                differentiate();
                transport.step(RATE);
                assertThat(distance(before, values(parameters))).isCloseTo(RATE, within(1e-6));
                assertThat(values(transport.evaluated()))
                        .usingRecursiveComparison()
                        .isEqualTo(values(parameters));
            }
        }
    }

    /** The mean of gradients at extrapolated points is the gradient at the weights, whatever the momentum: nothing lags behind. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.5, 0.9, -1})
    void onAQuadraticTheMeanIsTheGradientAtTheWeights(double momentum) {
        try (GradientTransport transport = transport(momentum < 0 ? null : momentum, 0.5)) {
            for (int i = 0; i < 12; i++) {
                Map<String, float[]> weights = values(transport.evaluated());
                differentiate();
                transport.step(RATE);
                weights.forEach((name, theta) -> {
                    float[] mean = Objects.requireNonNull(
                                    transport.state().tensors().get("mean." + name))
                            .toFloatArray();
                    float[] curvature = Objects.requireNonNull(CURVATURES.get(name));
                    for (int k = 0; k < mean.length; k++) {
                        assertThat(mean[k])
                                .as("element %d of %s", k, name)
                                .isCloseTo(curvature[k] * theta[k], within(1e-5f));
                    }
                });
            }
        }
    }

    /** By the paper's numbers: eta_1 = (2/3)^0.8, gamma_1 = rate 2/3. */
    @Test
    void thePublishedShareAndLengthShrink() {
        try (GradientTransport transport = GradientTransport.Settings.PUBLISHED.over(parameters, name -> 1, manager)) {
            Map<String, float[]> start = values(transport.evaluated());
            differentiate();
            transport.step(RATE);
            Map<String, float[]> first = values(transport.evaluated());
            double eta = Math.pow(2.0 / 3, 0.8);
            assertThat(distance(start, first)).isCloseTo(RATE, within(1e-6));
            assertThat(distance(first, values(parameters))).isCloseTo((1 - eta) / eta * RATE, within(1e-6));
            differentiate();
            transport.step(RATE);
            assertThat(distance(first, values(transport.evaluated()))).isCloseTo(RATE * 2 / 3, within(1e-6));
        }
    }

    @Test
    void noGradientMovesNothing() {
        try (GradientTransport transport = transport(0.5, 0)) {
            Map<String, float[]> before = values(parameters);
            transport.discard();
            parameters
                    .values()
                    .forEach(x -> Scope.run(() -> Gradients.record(recording -> {
                        recording.backward(Kernels.scale(x, 1), x.zerosLike());
                        return x;
                    })));
            assertThat(transport.step(RATE).gradNorm()).isZero();
            assertThat(distance(before, values(parameters))).isZero();
        }
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new GradientTransport.Settings(1.0, 0.8, 1)).hasMessageContaining("momentum");
        assertThatThrownBy(() -> new GradientTransport.Settings(null, -1, 1)).hasMessageContaining("averaging_power");
    }
}
