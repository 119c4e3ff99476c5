package org.imagerl.toolkit.optim;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.spi.run.Optimiser;
import org.imagerl.spi.run.UpdateRule;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrialStepTest {
    private static final double RATE = 0.05;

    static Stream<UpdateRule> rules() {
        AdamW.Settings adamw = new AdamW.Settings(0.9, 0.99, 1e-8, 0.01, 1);
        return Stream.of(adamw, GradientTransport.Settings.PUBLISHED);
    }

    /** The trial is the step that a run would make, and leaves weights, moments and counts as they were, so that the step itself is the same then. */
    @ParameterizedTest
    @MethodSource("rules")
    void theTrialIsTheStepAndIsTakenBackToTheBit(UpdateRule rule) {
        QuadraticLoss loss = new QuadraticLoss();
        try (Optimiser optimiser = rule.over(loss.parameters, name -> 1, loss.manager)) {
            loss.differentiate();
            optimiser.step(RATE);
            Map<String, float[]> before = memory(loss, optimiser);
            Map<String, float[]> tried = new TreeMap<>();
            loss.differentiate();
            TrialStep.run(
                    optimiser,
                    loss.parameters,
                    RATE,
                    loss.manager,
                    () -> tried.putAll(QuadraticLoss.values(loss.parameters)));
            requireSame(memory(loss, optimiser), before);
            assertThat(optimiser.steps()).isEqualTo(1);
            assertThat(optimiser.discard()).as("the gradient is used up").isZero();
            loss.differentiate();
            optimiser.step(RATE);
            requireSame(QuadraticLoss.values(loss.parameters), tried);
        }
    }

    private static Map<String, float[]> memory(QuadraticLoss loss, Optimiser optimiser) {
        Map<String, NDArray> tensors = new TreeMap<>(optimiser.state().tensors());
        tensors.putAll(loss.parameters);
        return QuadraticLoss.values(tensors);
    }

    private static void requireSame(Map<String, float[]> actual, Map<String, float[]> expected) {
        expected.forEach((name, values) -> assertThat(actual.get(name)).containsExactly(values));
    }
}
