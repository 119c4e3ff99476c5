package org.imagerl.toolkit.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HessianAidedGradientTest {
    private static final double RATE = 0.05;

    private final QuadraticLoss loss = new QuadraticLoss();

    private HessianAidedGradient optimiser(Double momentum, double stepPower) {
        return new HessianAidedGradient.Settings(momentum, 1, stepPower).over(loss.parameters, name -> 1, loss.manager);
    }

    private void step(HessianAidedGradient optimiser) {
        if (!optimiser.compared().isEmpty()) {
            InPlaceOf.with(loss.parameters, optimiser.compared(), () -> {
                loss.differentiate();
                optimiser.compare();
                return optimiser;
            });
        }
        loss.differentiate();
        assertThat(optimiser.step(RATE).skipped()).isFalse();
    }

    private static float[] tensor(HessianAidedGradient optimiser, String name) {
        return Objects.requireNonNull(optimiser.state().tensors().get(name)).toFloatArray();
    }

    @Test
    void withoutMomentumItIsNormalisedDescentWithStepsOfTheLearningRate() {
        try (HessianAidedGradient optimiser = optimiser(0.0, 0)) {
            for (int i = 0; i < 4; i++) {
                Map<String, float[]> before = QuadraticLoss.values(loss.parameters);
                step(optimiser);
                Map<String, float[]> after = QuadraticLoss.values(loss.parameters);
                assertThat(QuadraticLoss.distance(before, after)).isCloseTo(RATE, within(1e-6));
                double norm = 0;
                for (String name : before.keySet()) {
                    for (int k = 0; k < before.get(name).length; k++) {
                        norm += Math.pow(QuadraticLoss.CURVATURES.get(name)[k] * before.get(name)[k], 2);
                    }
                }
                double slope = QuadraticLoss.CURVATURES.get("a")[1] * before.get("a")[1] / Math.sqrt(norm);
                assertThat(after.get("a")[1] - before.get("a")[1]).isCloseTo((float) (-RATE * slope), within(1e-6f));
            }
        }
    }

    /** Differences of exact gradients carry the direction along, whatever the momentum: nothing lags behind. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.5, 0.9, -1})
    void onAQuadraticTheDirectionIsTheGradientAtTheWeights(double momentum) {
        try (HessianAidedGradient optimiser = optimiser(momentum < 0 ? null : momentum, 0.5)) {
            for (int i = 0; i < 12; i++) {
                Map<String, float[]> weights = QuadraticLoss.values(loss.parameters);
                step(optimiser);
                weights.forEach((name, theta) -> {
                    float[] direction = tensor(optimiser, "direction." + name);
                    float[] curvature = Objects.requireNonNull(QuadraticLoss.CURVATURES.get(name));
                    for (int k = 0; k < direction.length; k++) {
                        assertThat(direction[k])
                                .as("element %d of %s", k, name)
                                .isCloseTo(curvature[k] * theta[k], within(1e-5f));
                    }
                    assertThat(tensor(optimiser, "former." + name)).containsExactly(theta);
                });
            }
        }
    }

    /** A gradient that is not finite, at either of the two weights, changes nothing, and the update after it is as if it had not been. */
    @Test
    void aGradientThatIsNotFiniteChangesNothing() {
        try (HessianAidedGradient optimiser = optimiser(0.5, 0)) {
            step(optimiser);
            Map<String, float[]> before = QuadraticLoss.values(loss.parameters);
            float[] direction = tensor(optimiser, "direction.a");
            loss.differentiate(Float.NaN);
            optimiser.compare();
            loss.differentiate();
            assertThat(optimiser.step(RATE).skipped()).isTrue();
            assertThat(QuadraticLoss.values(loss.parameters).get("a")).containsExactly(before.get("a"));
            assertThat(tensor(optimiser, "direction.a")).containsExactly(direction);
            assertThat(optimiser.steps()).isEqualTo(1);
            step(optimiser);
            assertThat(tensor(optimiser, "direction.a")[1]).isCloseTo(3 * before.get("a")[1], within(1e-5f));
        }
    }

    @Test
    void aStepWithoutTheGradientAtTheFormerWeightsIsAnError() {
        try (HessianAidedGradient optimiser = optimiser(0.5, 0)) {
            step(optimiser);
            loss.differentiate();
            assertThatThrownBy(() -> optimiser.step(RATE)).isInstanceOf(IllegalStateException.class);
        }
    }
}
