package org.imagerl.toolkit.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.Objects;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GradientTransportTest {
    private static final double RATE = 0.05;

    private final QuadraticLoss loss = new QuadraticLoss();

    private GradientTransport transport(Double momentum, double stepPower) {
        return new GradientTransport.Settings(momentum, 0.8, stepPower).over(loss.parameters, name -> 1, loss.manager);
    }

    @Test
    void withoutMomentumItIsNormalisedDescentWithStepsOfTheLearningRate() {
        try (GradientTransport transport = transport(0.0, 0)) {
            for (int i = 0; i < 4; i++) {
                Map<String, float[]> before = QuadraticLoss.values(loss.parameters);
                loss.differentiate();
                transport.step(RATE);
                assertThat(QuadraticLoss.distance(before, QuadraticLoss.values(loss.parameters)))
                        .isCloseTo(RATE, within(1e-6));
                assertThat(QuadraticLoss.values(transport.evaluated()))
                        .usingRecursiveComparison()
                        .isEqualTo(QuadraticLoss.values(loss.parameters));
            }
        }
    }

    /** The mean of gradients at extrapolated points is the gradient at the weights, whatever the momentum: nothing lags behind. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.5, 0.9, -1})
    void onAQuadraticTheMeanIsTheGradientAtTheWeights(double momentum) {
        try (GradientTransport transport = transport(momentum < 0 ? null : momentum, 0.5)) {
            for (int i = 0; i < 12; i++) {
                Map<String, float[]> weights = QuadraticLoss.values(transport.evaluated());
                loss.differentiate();
                transport.step(RATE);
                weights.forEach((name, theta) -> {
                    float[] mean = Objects.requireNonNull(
                                    transport.state().tensors().get("mean." + name))
                            .toFloatArray();
                    float[] curvature = Objects.requireNonNull(QuadraticLoss.CURVATURES.get(name));
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
        try (GradientTransport transport =
                GradientTransport.Settings.PUBLISHED.over(loss.parameters, name -> 1, loss.manager)) {
            Map<String, float[]> start = QuadraticLoss.values(transport.evaluated());
            loss.differentiate();
            transport.step(RATE);
            Map<String, float[]> first = QuadraticLoss.values(transport.evaluated());
            double eta = Math.pow(2.0 / 3, 0.8);
            assertThat(QuadraticLoss.distance(start, first)).isCloseTo(RATE, within(1e-6));
            assertThat(QuadraticLoss.distance(first, QuadraticLoss.values(loss.parameters)))
                    .isCloseTo((1 - eta) / eta * RATE, within(1e-6));
            loss.differentiate();
            transport.step(RATE);
            assertThat(QuadraticLoss.distance(first, QuadraticLoss.values(transport.evaluated())))
                    .isCloseTo(RATE * 2 / 3, within(1e-6));
        }
    }

    @Test
    void noGradientMovesNothing() {
        try (GradientTransport transport = transport(0.5, 0)) {
            Map<String, float[]> before = QuadraticLoss.values(loss.parameters);
            transport.discard();
            loss.parameters
                    .values()
                    .forEach(x -> Scope.run(() -> Gradients.record(recording -> {
                        recording.backward(Kernels.scale(x, 1), x.zerosLike());
                        return x;
                    })));
            assertThat(transport.step(RATE).gradNorm()).isZero();
            assertThat(QuadraticLoss.distance(before, QuadraticLoss.values(loss.parameters)))
                    .isZero();
        }
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new GradientTransport.Settings(1.0, 0.8, 1)).hasMessageContaining("momentum");
        assertThatThrownBy(() -> new GradientTransport.Settings(null, -1, 1)).hasMessageContaining("averaging_power");
    }
}
