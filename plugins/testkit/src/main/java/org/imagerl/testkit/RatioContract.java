package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.function.Supplier;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Ratio;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every ratio must do; extend it with a test of your own, in a module that has an engine. */
public abstract class RatioContract {
    private static final double ROUNDING = 1e-5;

    private final LinePolicy policy = new LinePolicy();

    /** A fresh one. */
    protected abstract Ratio create();

    @AfterEach
    void close() {
        policy.close();
    }

    private Likelihood.Evaluation evaluation(Ratio part, Batch batch, int step) {
        Likelihood.Evaluation evaluation = policy.evaluation(batch, step);
        return part.needsTransition() ? evaluation : LinePolicy.withoutTransition(evaluation);
    }

    private double[] logRatios(Ratio part, Batch batch, int step) {
        Likelihood.Evaluation evaluation = evaluation(part, batch, step);
        double[] before = LinePolicy.numbers(evaluation.logDensity());
        NDArray logRatio = part.logRatio(evaluation);
        assertThat(logRatio.getShape()).isEqualTo(evaluation.logDensity().getShape());
        assertThat(logRatio.getDataType()).isEqualTo(evaluation.logDensity().getDataType());
        assertThat(LinePolicy.numbers(evaluation.logDensity()))
                .as("the log-density is the caller's")
                .containsExactly(before);
        return LinePolicy.numbers(logRatio);
    }

    /** Before the first update every ratio is 1, and grows where the log-density does: the first update is a policy gradient. */
    @Test
    public void isOneBeforeTheFirstUpdateAndGrowsWithTheDensity() {
        Ratio part = create();
        for (int step = 0; step < LinePolicy.STEPS; step++) {
            int own = step;
            assertThat(Arrays.stream(logRatios(part, policy.batch(), step)))
                    .allSatisfy(l -> assertThat(l).isCloseTo(0, within(ROUNDING)));
            double[] ratio = gradientOfTheFirst(() -> part.logRatio(evaluation(part, policy.batch(), own)));
            double[] density = gradientOfTheFirst(
                    () -> policy.evaluation(policy.batch(), own).logDensity());
            assertThat(Arrays.stream(ratio)).allMatch(Double::isFinite);
            double along = ratio[1] * density[1] + ratio[2] * density[2];
            assertThat(along).as("step %d", step).isPositive();
        }
    }

    /** Of the number of the first sample, and behind it its gradient by each trained number. */
    private double[] gradientOfTheFirst(Supplier<NDArray> perSample) {
        return policy.gradient(() -> perSample.get().get("0"));
    }

    /** If it can be used for several updates, it shows how far the policy has come. If not, a configuration with several is refused. */
    @Test
    public void aRatioForSeveralUpdatesComparesWithTheBehaviourPolicy() {
        Ratio part = create();
        assertThat(part.updates()).isPositive();
        policy.move(0.3);
        double[] after = logRatios(part, policy.batch(), 0);
        assertThat(Arrays.stream(after)).allMatch(Double::isFinite);
        if (part.updates() > 1) {
            assertThat(Arrays.stream(after)).anyMatch(l -> Math.abs(l) > 100 * ROUNDING);
        }
    }

    /** What else is in the micro-batch changes nothing. */
    @Test
    public void everySampleHasARatioOfItsOwn() {
        Ratio part = create();
        policy.move(0.3);
        Batch batch = policy.batch();
        double[] all = logRatios(part, batch, 1);
        for (int row = 0; row < all.length; row++) {
            assertThat(logRatios(part, batch.rows(policy.work(), row), 1))
                    .containsExactly(new double[] {all[row]}, within(ROUNDING));
        }
    }

    @Test
    public void leavesNoArrayBehind() {
        int before = policy.arrays();
        logRatios(create(), policy.batch(), 0);
        assertThat(policy.arrays()).isEqualTo(before);
    }
}
