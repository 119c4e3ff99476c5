package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Penalty;
import org.imagerl.spi.WeightSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every penalty must do; extend it with a test of your own, in a module that has an engine. */
public abstract class PenaltyContract {
    private static final int STEP = 1;
    private static final double SMALL = 0.05;
    private static final double LARGE = 0.3;

    private final LinePolicy policy = new LinePolicy();

    /** A fresh one, with a coefficient of about 1. */
    protected abstract Penalty create();

    /** The greatest difference that rounding makes, as a fraction of the largest number. */
    protected double tolerance() {
        return 1e-4;
    }

    @AfterEach
    void close() {
        policy.close();
    }

    private Likelihood.Evaluation evaluation(Penalty part, Batch batch) {
        Likelihood.Evaluation evaluation = policy.evaluation(batch, STEP);
        if (!part.needsTransition()) {
            return LinePolicy.withoutTransition(evaluation);
        }
        return part.needsNoise() ? evaluation : LinePolicy.withoutNoise(evaluation);
    }

    /** The penalty, and behind it its gradient by each trained number. It has as many dimensions as the loss that it is added to: none. */
    private double[] penalty(Penalty part, Batch batch) {
        return policy.gradient(() -> {
            Likelihood.Evaluation evaluation = evaluation(part, batch);
            NDArray penalty = part.penalty(policy, batch, evaluation);
            assertThat(penalty.getShape()).as("shape of a scalar").isEqualTo(new Shape());
            // A penalty that is 0 may be a constant. What it is added to has a graph.
            return evaluation
                    .logDensity()
                    .sum()
                    .mul(policy.work().zeros(new Shape()))
                    .add(penalty);
        });
    }

    private static double steepest(double... penalty) {
        return Arrays.stream(penalty).skip(1).map(Math::abs).max().orElse(0);
    }

    /** As at the beginning of a run: the reward alone decides where the policy goes. */
    @Test
    public void doesNotPullWhereItKeepsThePolicy() {
        double[] here = penalty(create(), policy.batch());
        assertThat(Arrays.stream(here)).allMatch(Double::isFinite);
        policy.move(LARGE);
        double[] away = penalty(create(), policy.batch());
        assertThat(Math.abs(here[0])).isLessThan(away[0] / 10);
        assertThat(steepest(here)).isLessThan(steepest(away) / 10);
    }

    @Test
    public void isTheLargerTheFartherThePolicyIs() {
        policy.move(SMALL);
        double near = penalty(create(), policy.batch())[0];
        policy.move(LARGE - SMALL);
        double far = penalty(create(), policy.batch())[0];
        assertThat(far).isFinite().isGreaterThan(near);
        assertThat(near).isNotNegative();
    }

    /** Its gradient is that of its value, by a difference quotient. */
    @Test
    public void itsGradientIsThatOfItsValue() {
        double half = 1e-2;
        policy.move(LARGE - half);
        double before = penalty(create(), policy.batch())[0];
        policy.move(half);
        double gradient = penalty(create(), policy.batch())[1];
        policy.move(half);
        double after = penalty(create(), policy.batch())[0];
        assertThat(gradient).isPositive().isCloseTo((after - before) / (2 * half), within(0.02 * gradient));
    }

    /** It is a mean over samples, so that it does not matter how an update is cut into micro-batches. */
    @Test
    public void aMicroBatchIsTheMeanOfItsSamples() {
        policy.move(LARGE);
        Batch batch = policy.batch();
        double[] whole = penalty(create(), batch);
        double[] mean = new double[whole.length];
        for (int row = 0; row < LinePolicy.SAMPLES; row++) {
            double[] own = penalty(create(), batch.rows(policy.work(), row));
            Arrays.setAll(mean, i -> mean[i] + own[i] / LinePolicy.SAMPLES);
        }
        assertThat(mean).containsExactly(whole, within(tolerance() * Math.max(whole[0], steepest(whole))));
    }

    /** Others are not kept for it. */
    @Test
    public void looksOnlyAtWeightsThatItNames() {
        Set<WeightSet> named = new HashSet<>(create().weights());
        named.add(WeightSet.LIVE);
        policy.move(LARGE);
        penalty(create(), policy.batch());
        assertThat(named).containsAll(policy.asked());
    }

    /** Where the weights are that it names, and not where the live ones were at the beginning. */
    @Test
    public void keepsThePolicyNearTheWeightsThatItNames() {
        Penalty part = create();
        policy.move(LARGE);
        double away = penalty(part, policy.batch())[0];
        part.weights().forEach(weights -> policy.move(weights, LARGE));
        double with = penalty(part, policy.batch())[0];
        if (part.weights().isEmpty()) {
            assertThat(with).isEqualTo(away);
        } else {
            assertThat(Math.abs(with)).isLessThan(away / 10);
        }
    }

    @Test
    public void leavesNoArrayBehind() {
        int before = policy.arrays();
        policy.move(LARGE);
        penalty(create(), policy.batch());
        assertThat(policy.arrays()).isEqualTo(before);
    }
}
