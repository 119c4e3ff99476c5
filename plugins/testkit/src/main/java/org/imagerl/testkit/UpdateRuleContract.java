package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.assertj.core.data.Offset;
import org.imagerl.spi.State;
import org.imagerl.spi.run.Optimiser;
import org.imagerl.spi.run.UpdateRule;
import org.junit.jupiter.api.Test;

/** What every optimiser must do; extend it with a test of your own, in a module that has an engine. */
public abstract class UpdateRuleContract {

    /** The rule with settings under which it moves weights. */
    protected abstract UpdateRule create();

    /** Two weights whose loss is the sum of their fourth powers. */
    private final class Problem implements AutoCloseable {
        private final NDManager manager = NDManager.newBaseManager();
        private final SortedMap<String, NDArray> weights = new TreeMap<>();
        private final Optimiser optimiser;

        Problem() {
            weights.put("a", manager.create(new float[] {1, -2, 3}));
            weights.put("b", manager.create(new float[] {0.5f}));
            weights.values().forEach(weight -> weight.setRequiresGradient(true));
            optimiser = create().over(weights, name -> 1, manager);
        }

        void differentiate() {
            try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
                collector.backward(fourthPowers("a").add(fourthPowers("b")));
            }
        }

        private NDArray fourthPowers(String name) {
            NDArray weight = Objects.requireNonNull(weights.get(name));
            NDArray squares = weight.mul(weight);
            return squares.mul(squares).sum();
        }

        Optimiser.Step step() {
            compare();
            differentiate();
            return optimiser.step(0.01);
        }

        /** As a run does it: with other weights in the place of the trained ones. */
        private void compare() {
            SortedMap<String, NDArray> others = optimiser.compared();
            if (others.isEmpty()) {
                return;
            }
            Map<String, float[]> own = values();
            others.forEach((name, other) -> copy(other, Objects.requireNonNull(weights.get(name))));
            differentiate();
            optimiser.compare();
            own.forEach(
                    (name, values) -> Objects.requireNonNull(weights.get(name)).set(FloatBuffer.wrap(values)));
        }

        Map<String, float[]> values() {
            Map<String, float[]> values = new TreeMap<>();
            weights.forEach((name, weight) -> values.put(name, weight.toFloatArray()));
            return values;
        }

        /** As a run does it: tensors in place, then numbers. */
        void takeOver(Problem other) {
            other.weights.forEach((name, weight) -> copy(weight, Objects.requireNonNull(weights.get(name))));
            State saved = other.optimiser.state();
            optimiser
                    .state()
                    .tensors()
                    .forEach((name, tensor) ->
                            copy(Objects.requireNonNull(saved.tensors().get(name)), tensor));
            optimiser.restore(State.of(saved.numbers()));
        }

        private void copy(NDArray from, NDArray to) {
            to.set(FloatBuffer.wrap(from.toFloatArray()));
        }

        @Override
        public void close() {
            optimiser.close();
            manager.close();
        }
    }

    /** A step moves weights, counts, and uses the gradient up. */
    @Test
    public void aStepMovesWeightsAndClearsGradients() {
        try (Problem problem = new Problem()) {
            Map<String, float[]> before = problem.values();
            Optimiser.Step step = problem.step();
            assertThat(step.skipped()).isFalse();
            assertThat(step.gradNorm()).isCloseTo(Math.sqrt(4 * 4 + 32 * 32 + 108 * 108 + 0.25), within());
            assertThat(problem.optimiser.steps()).isEqualTo(1);
            assertThat(problem.values().get("a")).isNotEqualTo(before.get("a"));
            assertThat(problem.optimiser.discard()).isZero();
        }
    }

    private static Offset<Double> within() {
        return Offset.offset(1e-3);
    }

    /** What is discarded changes nothing. */
    @Test
    public void aDiscardedGradientChangesNothing() {
        try (Problem problem = new Problem()) {
            Map<String, float[]> before = problem.values();
            problem.differentiate();
            assertThat(problem.optimiser.discard()).isPositive();
            assertThat(problem.optimiser.steps()).isZero();
            before.forEach(
                    (name, values) -> assertThat(problem.values().get(name)).containsExactly(values));
        }
    }

    /** A restored one goes on as the old one does, to the bit; its state has the same tensors from the beginning. */
    @Test
    public void goesOnAfterAResume() {
        try (Problem old = new Problem();
                Problem restored = new Problem()) {
            for (int i = 0; i < 3; i++) {
                old.step();
            }
            assertThat(restored.optimiser.state().tensors().keySet())
                    .isEqualTo(old.optimiser.state().tensors().keySet());
            restored.takeOver(old);
            assertThat(restored.optimiser.steps()).isEqualTo(3);
            for (int i = 0; i < 3; i++) {
                old.step();
                restored.step();
            }
            old.values()
                    .forEach((name, values) ->
                            assertThat(restored.values().get(name)).containsExactly(values));
        }
    }
}
