package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.WeightSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every likelihood must do; extend it with a test of your own, in a module that has an engine. */
public abstract class LikelihoodContract {
    private static final double ROUNDING = 1e-5;

    private final LinePolicy policy = new LinePolicy();

    /** A fresh one. */
    protected abstract Likelihood create();

    @AfterEach
    void close() {
        policy.close();
    }

    /** Something of an evaluation: its sum, and behind it the gradient of that by each trained number. */
    private double[] gradient(Likelihood part, int pass, Function<Likelihood.Evaluation, NDArray> of) {
        return policy.gradient(
                () -> of.apply(part.evaluate(policy, policy.batch(), pass)).sum());
    }

    private static NDArray apart(Likelihood.Evaluation evaluation) {
        return evaluation.logDensity().sub(evaluation.oldLogDensity());
    }

    @Test
    public void everyPassHasWhatTheOtherPartsTake() {
        Likelihood part = create();
        Batch batch = policy.batch();
        assertThat(part.passes(batch)).isPositive();
        assertThat(part.passes(batch.rows(policy.work(), 2)))
                .as("passes of one sample")
                .isEqualTo(part.passes(batch));
        for (int pass = 0; pass < part.passes(batch); pass++) {
            requireComplete(part, part.evaluate(policy, batch, pass));
        }
    }

    private void requireComplete(Likelihood part, Likelihood.Evaluation evaluation) {
        Shape latents = policy.batch().trajectories().state(0).getShape();
        for (NDArray density : List.of(evaluation.logDensity(), evaluation.oldLogDensity())) {
            assertThat(density.getShape()).isEqualTo(new Shape(LinePolicy.SAMPLES));
            assertThat(density.getDataType()).isIn(DataType.FLOAT32, DataType.FLOAT64);
            assertThat(Arrays.stream(LinePolicy.numbers(density))).allMatch(Double::isFinite);
        }
        Likelihood.Prediction prediction = evaluation.prediction();
        assertThat(prediction.latents().getShape()).isEqualTo(latents);
        assertThat(prediction.output().getShape()).isEqualTo(latents);
        NDArray again = policy.output(
                WeightSet.LIVE,
                prediction.latents(),
                prediction.timesteps(),
                policy.batch().trajectories());
        assertThat(LinePolicy.numbers(prediction.output())).containsExactly(LinePolicy.numbers(again));
        assertThat(evaluation.metrics().values().values()).allMatch(Double::isFinite);
        Likelihood.Transition transition = evaluation.transition();
        assertThat(transition != null).as("has a transition").isEqualTo(part.needsDensity());
        if (transition != null) {
            assertThat(transition.mean().getShape()).isEqualTo(latents);
            assertThat(transition.next().getShape()).isEqualTo(latents);
            assertThat(transition.std()).isPositive();
        }
    }

    /** Before the first update both densities are the same, so that every ratio is 1. */
    @Test
    public void bothDensitiesAreTheSameBeforeTheFirstUpdate() {
        Likelihood part = create();
        for (int pass = 0; pass < part.passes(policy.batch()); pass++) {
            Likelihood.Evaluation evaluation = part.evaluate(policy, policy.batch(), pass);
            assertThat(LinePolicy.numbers(evaluation.logDensity()))
                    .containsExactly(LinePolicy.numbers(evaluation.oldLogDensity()), within(ROUNDING));
        }
    }

    /** Weights that moved have another density, and the one under the policy that sampled stays. */
    @Test
    public void theOldDensityIsThatOfThePolicyThatSampled() {
        Likelihood part = create();
        double[] before =
                LinePolicy.numbers(part.evaluate(policy, policy.batch(), 0).oldLogDensity());
        policy.move(0.3);
        Likelihood.Evaluation after = part.evaluate(policy, policy.batch(), 0);
        assertThat(LinePolicy.numbers(after.oldLogDensity())).containsExactly(before, within(ROUNDING));
        assertThat(Arrays.stream(LinePolicy.numbers(apart(after)))).anyMatch(l -> Math.abs(l) > 100 * ROUNDING);
    }

    /** The old density is a constant: a gradient goes through the current one alone, and it is that of its value. */
    @Test
    public void theGradientIsThatOfTheCurrentDensity() {
        Likelihood part = create();
        double half = 1e-2;
        policy.move(0.3);
        double[] current = gradient(part, 0, Likelihood.Evaluation::logDensity);
        double[] ratio = gradient(part, 0, LikelihoodContract::apart);
        double limit = 1e-4 * (Math.abs(current[1]) + Math.abs(current[2]));
        assertThat(limit).as("of the gradient").isPositive().isFinite();
        assertThat(Arrays.copyOfRange(ratio, 1, 3)).containsExactly(Arrays.copyOfRange(current, 1, 3), within(limit));
        policy.move(half);
        double above = gradient(part, 0, Likelihood.Evaluation::logDensity)[0];
        policy.move(-2 * half);
        double below = gradient(part, 0, Likelihood.Evaluation::logDensity)[0];
        assertThat(current[1]).isCloseTo((above - below) / (2 * half), within(0.02 * limit * 1e4));
    }

    /** What else is in the micro-batch changes nothing: what is drawn comes from the seed of the batch and the number of the sample. */
    @Test
    public void everySampleHasADensityOfItsOwn() {
        Likelihood part = create();
        policy.move(0.3);
        Batch batch = policy.batch();
        double[] all = LinePolicy.numbers(apart(part.evaluate(policy, batch, 0)));
        for (int row = 0; row < all.length; row++) {
            Likelihood.Evaluation own = create().evaluate(policy, batch.rows(policy.work(), row), 0);
            assertThat(LinePolicy.numbers(apart(own))).containsExactly(new double[] {all[row]}, within(ROUNDING));
        }
    }

    /** Others are not kept for it. */
    @Test
    public void looksOnlyAtWeightsThatItNames() {
        Set<WeightSet> named = new HashSet<>(create().weights());
        named.add(WeightSet.LIVE);
        policy.move(0.3);
        create().evaluate(policy, policy.batch(), 0);
        assertThat(named).containsAll(policy.asked());
    }

    /** The rollouts serve further passes and updates. */
    @Test
    public void leavesTheRolloutsAsTheyAreAndNoArrayBehind() {
        Likelihood part = create();
        Batch batch = policy.batch();
        int arrays = policy.arrays();
        double[] before = LinePolicy.numbers(batch.trajectories().state(LinePolicy.STEPS));
        gradient(part, 0, Likelihood.Evaluation::logDensity);
        assertThat(LinePolicy.numbers(batch.trajectories().state(LinePolicy.STEPS)))
                .containsExactly(before);
        assertThat(policy.arrays()).isEqualTo(arrays);
    }
}
