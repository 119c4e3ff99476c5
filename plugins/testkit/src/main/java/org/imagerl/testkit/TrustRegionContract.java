package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.UpdateSurvey;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every trust region must do; extend it with a test of your own, in a module that has an engine. */
public abstract class TrustRegionContract {
    private static final double ROUNDING = 1e-5;
    /** Advantages of two groups of two, each centred. */
    private static final double[] ADVANTAGES = {0.75, -0.75, -1.5, 1.5};

    private static final List<String> GROUPS = List.of("a", "a", "b", "b");
    private static final double[] NONE = {0, 0, 0, 0};
    /** As far as ratios of log-densities per element get, and farther. */
    private static final double[] FAR = {0.4, -0.3, 0.02, 1.5};

    private final LinePolicy policy = new LinePolicy();

    /** A fresh one. */
    protected abstract TrustRegion create();

    @AfterEach
    void close() {
        policy.close();
    }

    private Likelihood.Evaluation evaluation(TrustRegion part, int... rows) {
        Batch batch = policy.batch();
        Likelihood.Evaluation evaluation = policy.evaluation(batch.rows(policy.work(), rows), 1);
        return part.needsNoise() ? evaluation : LinePolicy.withoutNoise(evaluation);
    }

    /** What came of some rows: the losses, their gradient by the log-ratios, and the shares. */
    private record Result(double[] losses, double[] gradient, TrustRegion.Surrogate shares) {}

    private Result surrogate(
            TrustRegion part, double[] logRatios, DataType type, double @Nullable [] marks, int... rows) {
        NDManager manager = policy.work();
        NDArray logRatio = array(manager, pick(logRatios, rows), type);
        NDArray advantages = array(manager, pick(ADVANTAGES, rows), type);
        logRatio.setRequiresGradient(true);
        List<String> groups = IntStream.of(rows).mapToObj(GROUPS::get).toList();
        TrustRegion.Surrogate[] made = new TrustRegion.Surrogate[1];
        double[] all = LinePolicy.gradient(
                () -> {
                    made[0] = part.surrogate(new TrustRegion.Pass(
                            logRatio,
                            advantages,
                            8,
                            evaluation(part, rows),
                            groups,
                            marks == null ? null : pick(marks, rows)));
                    return made[0].loss().sum();
                },
                List.of(logRatio));
        assertThat(made[0].loss().getShape()).isEqualTo(logRatio.getShape());
        assertThat(made[0].loss().getDataType()).isEqualTo(type);
        assertThat(LinePolicy.numbers(advantages))
                .as("the advantages are the caller's")
                .containsExactly(pick(ADVANTAGES, rows));
        assertThat(LinePolicy.numbers(logRatio))
                .as("the ratios are the caller's")
                .containsExactly(pick(logRatios, rows), within(ROUNDING));
        return new Result(LinePolicy.numbers(made[0].loss()), Arrays.copyOfRange(all, 1, all.length), made[0]);
    }

    private Result surrogate(TrustRegion part, double... logRatios) {
        return surrogate(part, logRatios, DataType.FLOAT32, null, 0, 1, 2, 3);
    }

    private static NDArray array(NDManager manager, double[] values, DataType type) {
        return manager.create(values, new Shape(values.length))
                .toType(type, false)
                .duplicate();
    }

    private static double[] pick(double[] values, int... rows) {
        return IntStream.of(rows).mapToDouble(row -> values[row]).toArray();
    }

    /** Before the first update nothing is stopped: the gradient of a sample is minus its advantage, where the advantages of a group add up to 0. */
    @Test
    public void theFirstUpdateIsThePolicyGradient() {
        Result result = surrogate(create(), NONE);
        double[] expected = Arrays.stream(ADVANTAGES).map(a -> -a).toArray();
        assertThat(result.gradient()).containsExactly(expected, within(ROUNDING));
        assertThat(result.shares().clippedShare()).as("stopped").isZero();
        assertThat(result.shares().aboveShare()).as("above").isZero();
        assertThat(result.shares().belowShare()).as("below").isZero();
    }

    /** A large ratio is what it is there for. */
    @Test
    public void allIsFiniteWhereTheRatiosAreFarFromOne() {
        for (DataType type : new DataType[] {DataType.FLOAT32, DataType.FLOAT64}) {
            Result result = surrogate(create(), FAR, type, null, 0, 1, 2, 3);
            assertThat(Arrays.stream(result.losses())).allMatch(Double::isFinite);
            assertThat(Arrays.stream(result.gradient())).allMatch(Double::isFinite);
            requireShares(result.shares());
        }
    }

    private static void requireShares(TrustRegion.Surrogate surrogate) {
        double[] shares = {
            surrogate.clippedShare(), surrogate.aboveShare(), surrogate.belowShare(),
        };
        assertThat(Arrays.stream(shares)).allMatch(share -> share >= 0 && share <= 1 + ROUNDING);
        assertThat(shares[1] + shares[2]).as("above and below").isLessThanOrEqualTo(1 + ROUNDING);
    }

    /** What it looks at together is all that matters to a loss: the rest of the micro-batch may be any. */
    @Test
    public void everyUnitHasALossOfItsOwn() {
        TrustRegion part = create();
        double[] whole = surrogate(part, FAR).losses();
        int size = switch (part.unit()) {
            case SAMPLE -> 1;
            case PAIR, GROUP -> 2;
        };
        for (int row = 0; row < whole.length; row += size) {
            int[] rows = IntStream.range(row, row + size).toArray();
            double[] own = surrogate(part, FAR, DataType.FLOAT32, null, rows).losses();
            assertThat(own).containsExactly(pick(whole, rows), within(ROUNDING * 10));
        }
    }

    /** Of nothing it knows nothing, the same seed gives the same marks, and there is one for each pair. */
    @Test
    public void aSurveyMarksEveryPair() {
        TrustRegion part = create();
        TrustRegion.Survey survey = part.survey();
        if (survey == null) {
            return;
        }
        assertThat(survey.marks(List.of(), 5)).isEmpty();
        double[] marks = survey.marks(pairs(), 5);
        assertThat(marks).hasSize(pairs().size());
        assertThat(survey.marks(pairs(), 5)).containsExactly(marks);
        assertThat(create().survey()).isNotNull();
    }

    /** A sample that is not marked is treated as if there had been no survey, and one that is has a finite loss, too. */
    @Test
    public void noMarkIsNoSurvey() {
        TrustRegion part = create();
        TrustRegion.Survey survey = part.survey();
        if (survey == null) {
            return;
        }
        double[] unmarked = {Double.NaN, Double.NaN, Double.NaN, Double.NaN};
        double[] without = surrogate(part, FAR).losses();
        assertThat(surrogate(part, FAR, DataType.FLOAT32, unmarked, 0, 1, 2, 3).losses())
                .containsExactly(without, within(ROUNDING));
        double[] marks = Arrays.copyOf(survey.marks(pairs(), 5), 4);
        Result result = surrogate(part, FAR, DataType.FLOAT32, marks, 0, 1, 2, 3);
        assertThat(Arrays.stream(result.losses())).allMatch(Double::isFinite);
        assertThat(Arrays.stream(result.gradient())).allMatch(Double::isFinite);
        requireShares(result.shares());
        for (int i = 0; i < marks.length; i++) {
            if (Double.isNaN(marks[i])) {
                assertThat(result.losses()[i]).as("sample %d", i).isCloseTo(without[i], within(ROUNDING));
            }
        }
    }

    /** Twelve pairs of samples and steps, none like another. */
    private static List<UpdateSurvey.Pair> pairs() {
        List<UpdateSurvey.Pair> pairs = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            double wave = Math.sin(2.3 * i * i);
            pairs.add(new UpdateSurvey.Pair(
                    i / 3, i % 3, -1 + wave, 0.01 * wave, ADVANTAGES[i / 3], -0.9 - wave, 0.1 * Math.abs(wave)));
        }
        return pairs;
    }

    /** A line for the user, or none. */
    @Test
    public void saysWhatItAllowsInOneLine() {
        assertThat(create().allowance(8)).doesNotContain("\n");
    }

    @Test
    public void leavesNoArrayBehind() {
        int before = policy.arrays();
        surrogate(create(), FAR);
        assertThat(policy.arrays()).isEqualTo(before);
    }
}
