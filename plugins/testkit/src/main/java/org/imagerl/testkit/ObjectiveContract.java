package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Loss;
import org.imagerl.spi.LossTerms;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Policy;
import org.junit.jupiter.api.Test;

/**
 * What every objective must do that has passes ({@link Objective#passes}); extend it with a test of your own, on the smallest policy that you
 * have.
 */
public abstract class ObjectiveContract {

    /** A fresh one. */
    protected abstract Objective create();

    /** What it trains. */
    protected abstract Policy policy();

    /** What is trained of the policy: float32 leaves that require gradients. */
    protected abstract Collection<NDArray> parameters();

    /** A micro-batch of two units or more, all of one size, the samples of a unit beside each other. */
    protected abstract Batch microBatch();

    /** The greatest difference that rounding makes, as a fraction of the largest number of a gradient. */
    protected double tolerance() {
        return 1e-4;
    }

    /** Some passes of a batch have a gradient, and all numbers are finite. */
    @Test
    public void thereIsAGradient() {
        Objective objective = create();
        Batch batch = microBatch();
        assertThat(objective.passes(batch)).isPositive();
        double largest = 0;
        for (int pass = 0; pass < objective.passes(batch); pass++) {
            double[] numbers = lossAndGradient(objective, batch, pass);
            assertThat(Arrays.stream(numbers).boxed().toList())
                    .as("pass %d", pass)
                    .allMatch(Double::isFinite);
            largest = Math.max(largest, largest(numbers));
        }
        assertThat(largest).as("largest number of the gradients").isPositive();
    }

    /** A run that is resumed asks for the same loss again, and must get it: draws come from the batch's seed and the number of the sample. */
    @Test
    public void givesTheSameLossAgain() {
        Batch batch = microBatch();
        Objective objective = create();
        for (int pass = 0; pass < objective.passes(batch); pass++) {
            double[] first = lossAndGradient(objective, batch, pass);
            requireClose("again", lossAndGradient(objective, batch, pass), first);
            requireClose("another instance", lossAndGradient(create(), batch, pass), first);
        }
    }

    /** The loss is a mean over units, so that it does not matter how an update is cut into micro-batches. */
    @Test
    public void aMicroBatchIsTheMeanOfItsUnits() {
        Objective objective = create();
        Batch batch = microBatch();
        Collection<int[]> units = units(objective, batch);
        assertThat(units).as("units").hasSizeGreaterThan(1);
        for (int pass = 0; pass < objective.passes(batch); pass++) {
            double[] whole = lossAndGradient(objective, batch, pass);
            double[] mean = new double[whole.length];
            for (int[] unit : units) {
                try (NDManager manager = NDManager.newBaseManager()) {
                    Batch part = batch.rows(manager, unit);
                    assertThat(objective.passes(part)).as("passes").isEqualTo(objective.passes(batch));
                    double[] own = lossAndGradient(objective, part, pass);
                    Arrays.setAll(mean, i -> mean[i] + own[i] * unit.length / batch.samples().length);
                }
            }
            requireClose("pass " + pass, mean, whole);
        }
    }

    /** Whether it has penalties that it can give apart from its other terms ({@link LossTerms}); by default not. */
    protected boolean hasPenaltiesApart() {
        return false;
    }

    /** Where the gradients of penalties are treated by themselves, nothing is lost and nothing counted twice. */
    @Test
    public void thePolicysTermsAndThePenaltiesAddUp() {
        assumeTrue(hasPenaltiesApart(), "it has no penalties apart");
        Objective objective = create();
        Batch batch = microBatch();
        double[] policy = lossAndGradient(objective, batch.only(LossTerms.POLICY), 0);
        double[] penalty = lossAndGradient(objective, batch.only(LossTerms.PENALTY), 0);
        double[] sum = new double[policy.length];
        Arrays.setAll(sum, i -> policy[i] + penalty[i]);
        requireClose("sum", sum, lossAndGradient(objective, batch, 0));
    }

    @Test
    public void mayBeClosedTwice() {
        Objective objective = create();
        objective.close();
        assertThatCode(objective::close).doesNotThrowAnyException();
    }

    private static Collection<int[]> units(Objective objective, Batch batch) {
        Map<Object, int[]> units = new LinkedHashMap<>();
        for (int row = 0; row < batch.samples().length; row++) {
            Object unit = switch (objective.unit()) {
                case SAMPLE -> row;
                case PAIR -> row / 2;
                case GROUP -> batch.trajectories().prompts().get(row).id();
            };
            int[] own = {row};
            units.merge(
                    unit,
                    own,
                    (before, now) -> IntStream.concat(IntStream.of(before), IntStream.of(now))
                            .toArray());
        }
        return units.values();
    }

    /** The loss of a pass, and behind it the gradient of every trained number. */
    private double[] lossAndGradient(Objective objective, Batch batch, int pass) {
        double[] before = gradient();
        double value;
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            Loss loss = objective.loss(policy(), batch, pass);
            assertThat(loss.metrics().values().values()).as("metrics").allMatch(Double::isFinite);
            value = loss.value().toArray()[0].doubleValue();
            collector.backward(loss.value());
        }
        double[] after = gradient();
        double[] numbers = new double[after.length + 1];
        Arrays.setAll(numbers, i -> i == 0 ? value : after[i - 1] - before[i - 1]);
        return numbers;
    }

    private double[] gradient() {
        return parameters().stream()
                .flatMapToDouble(parameter -> {
                    try (NDArray gradient = parameter.getGradient()) {
                        float[] values = gradient.toFloatArray();
                        return IntStream.range(0, values.length).mapToDouble(i -> values[i]);
                    }
                })
                .toArray();
    }

    private static double largest(double... lossAndGradient) {
        return Arrays.stream(lossAndGradient).skip(1).map(Math::abs).max().orElse(0);
    }

    private void requireClose(String what, double[] actual, double[] expected) {
        double limit = tolerance() * Math.max(largest(expected), Math.abs(expected[0]));
        assertThat(actual).as(what).containsExactly(expected, within(limit));
    }
}
