package org.imagerl.toolkit.recipe.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.UpdateSurvey;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.recipe.RatioClip;
import org.imagerl.toolkit.recipe.TransitionLikelihood;
import org.imagerl.toolkit.recipe.Unclipped;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Trust regions on six samples of a Gaussian step of two elements, whose means are what is trained. */
class TrustRegionsTest {
    private static final double STD = 0.5;

    private static final float[] OLD = {0, 0, 1, -1, 0.5f, 0.2f, 0, 0.3f, 2, 0, 0, 0};
    private static final float[] NOISE = {0.4f, -1, 0.2f, 0.9f, -0.3f, 0.1f, 1.2f, 0, -0.6f, 0.5f, 0.7f, -0.8f};
    private static final float[] MOVED = {0.1f, -0.1f, 0.1f, 0.2f, 0.1f, 0, -0.2f, 0.1f, 0.05f, 0, -0.1f, 0.2f};
    private static final double[] ADVANTAGES = {1, 1, -1, 2, -1, -0.5};
    private static final List<String> GROUPS = List.of("a", "a", "a", "b", "b", "c");

    private final NDManager manager = NDManager.newBaseManager(null, "PyTorch");

    @AfterEach
    void close() {
        manager.close();
    }

    private NDArray array(float[] values, long... shape) {
        return manager.create(values, new Shape(shape)).duplicate();
    }

    private record Result(double[] losses, float[] gradients, double stopped) {}

    /** Loss and gradient by the mean, with the mean moved by a factor. */
    private Result run(TrustRegion region, double moved, double... marks) {
        NDArray old = array(OLD, 6, 2);
        NDArray z = array(NOISE, 6, 2);
        NDArray next = Kernels.combine(old, 1, z, STD);
        NDArray mean = Kernels.combine(old, 1, array(MOVED, 6, 2), moved).duplicate();
        mean.setRequiresGradient(true);
        return Gradients.record(recording -> {
            NDArray l = TransitionLikelihood.logDensity(next, mean, STD);
            NDArray oldL = TransitionLikelihood.logDensity(next, old, STD);
            Likelihood.Evaluation evaluation = new Likelihood.Evaluation(
                    l,
                    oldL,
                    new Likelihood.Prediction(next, new double[6], mean),
                    new Likelihood.Transition(0, mean, STD, next, z),
                    new Metrics());
            NDArray a = array(floats(ADVANTAGES), 6);
            TrustRegion.Surrogate surrogate = region.surrogate(
                    new TrustRegion.Pass(l.sub(oldL), a, 2, evaluation, GROUPS, marks.length == 0 ? null : marks));
            recording.backward(surrogate.loss().sum());
            float[] losses = surrogate.loss().stopGradient().toFloatArray();
            double[] wide = new double[losses.length];
            Arrays.setAll(wide, i -> losses[i]);
            return new Result(wide, mean.getGradient().toFloatArray(), surrogate.clippedShare());
        });
    }

    private static float[] floats(double... values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    private static void requireSame(Result actual, Result expected) {
        assertThat(actual.losses).containsExactly(expected.losses);
        assertThat(actual.gradients).containsExactly(expected.gradients);
    }

    private static DivergenceMask dppo(double threshold) {
        return new DivergenceMask(new DivergenceMask.Config(threshold));
    }

    @Test
    void withoutALimitDppoIsUnclippedAndTheFirstUpdateIsNeverStopped() {
        requireSame(run(dppo(1e9), 1), run(new Unclipped(), 1));
        requireSame(run(dppo(1e-9), 0), run(new Unclipped(), 0));
    }

    private static PairwiseClip pairwise(double range) {
        return new PairwiseClip(new RatioClip.Config(range, null));
    }

    /** By the paper's sum over pairs, with advantages of 3, 2 and 1 images; only their differences count. */
    @Test
    void theClipOfPairsIsThePapersSumOverPairs() {
        double range = 0.05;
        Result plain = run(new Unclipped(), 1);
        Result clipped = run(pairwise(range), 1);
        double[] rho = new double[6];
        Arrays.setAll(rho, i -> plain.losses[i] / -ADVANTAGES[i]);
        assertThat(Arrays.stream(rho).map(r -> Math.abs(r - 1)).max().orElseThrow())
                .isGreaterThan(range);
        double[] expected = new double[6];
        for (int i = 0; i < 6; i++) {
            for (int j = 0; j < i; j++) {
                if (GROUPS.get(i).equals(GROUPS.get(j))) {
                    int k = GROUPS.get(i).equals("a") ? 3 : 2;
                    double a = (ADVANTAGES[i] - ADVANTAGES[j]) / 2;
                    expected[i] -= 2.0 / k * Math.min(rho[i] * a, clamp(rho[i], range) * a);
                    expected[j] -= 2.0 / k * Math.min(-rho[j] * a, -clamp(rho[j], range) * a);
                }
            }
        }
        assertThat(clipped.losses).containsExactly(expected, within(1e-6));
        assertThat(clipped.losses[5]).as("alone in its group").isZero();
    }

    private static double clamp(double ratio, double range) {
        return Math.max(1 - range, Math.min(1 + range, ratio));
    }

    /** The two of group b, whose advantages are 2 and -1: as clip with 1.5 and -1.5. Inside the range any group is the plain recipe with centred advantages. */
    @Test
    void aPairIsPposClipAndInsideTheRangeAllIsUnclipped() {
        Result pair = run(pairwise(0.01), 1);
        Result ppo = run(new RatioClip(new RatioClip.Config(0.01, null)), 1);
        assertThat(pair.losses[3]).isCloseTo(ppo.losses[3] * 1.5 / 2, within(1e-6));
        assertThat(pair.losses[4]).isCloseTo(ppo.losses[4] * 1.5, within(1e-6));
        Result inside = run(pairwise(100), 1);
        Result plain = run(new Unclipped(), 1);
        double[] means = {1 / 3.0, 1 / 3.0, 1 / 3.0, 0.5, 0.5, -0.5};
        for (int i = 0; i < 6; i++) {
            double share = (ADVANTAGES[i] - means[i]) / ADVANTAGES[i];
            assertThat((double) inside.gradients[2 * i])
                    .as("sample %d", i)
                    .isCloseTo(plain.gradients[2 * i] * share, within(1e-6));
        }
    }

    private static PairRatioClip joint(double range) {
        return new PairRatioClip(new RatioClip.Config(range, null));
    }

    /** By the sum over pairs with the better image first; the two images of a that are alike make no pair. */
    @Test
    void theJointClipIsTheSumOverPairs() {
        double range = 0.05;
        Result plain = run(new Unclipped(), 1);
        double[] rho = new double[6];
        Arrays.setAll(rho, i -> plain.losses[i] / -ADVANTAGES[i]);
        double[] expected = new double[6];
        int[][] pairs = {{0, 2, 3}, {1, 2, 3}, {3, 4, 2}};
        int stopped = 0;
        for (int[] pair : pairs) {
            double q = rho[pair[0]] / rho[pair[1]];
            double a = ADVANTAGES[pair[0]] - ADVANTAGES[pair[1]];
            expected[pair[0]] -= a / pair[2] * Math.min(q, 1 + range);
            stopped += q > 1 + range ? 1 : 0;
        }
        Result clipped = run(joint(range), 1);
        assertThat(stopped).isBetween(1, 2);
        assertThat(clipped.losses).containsExactly(expected, within(1e-6));
        assertThat(clipped.stopped).isEqualTo(stopped / 3.0);
    }

    /** At the behaviour policy both versions have the gradient of the advantages less the mean of their group, whatever the range. */
    @Test
    void bothVersionsOfTheClipOfPairsBeginAlike() {
        Result joint = run(joint(0.01), 0);
        Result separate = run(pairwise(0.01), 0);
        for (int i = 0; i < 12; i++) {
            assertThat((double) joint.gradients[i]).isCloseTo(separate.gradients[i], within(1e-6));
        }
        assertThat(Math.abs(joint.gradients[0])).isGreaterThan(0.1f);
        assertThat(joint.stopped).isZero();
    }

    private static TrialDivergence trial(double threshold) {
        return new TrialDivergence(new TrialDivergence.Config(threshold));
    }

    /** Pair i has a divergence of i / 10. */
    @Test
    void aTrialLeavesOutWhatItWouldMoveTooFar() {
        List<UpdateSurvey.Pair> pairs = pairs(ADVANTAGES, 1, 1, 1, 1, 1, 1);
        double none = Double.NaN;
        assertThat(marks(trial(0.35), pairs)).containsExactly(none, none, none, none, 1, 1);
        assertThat(marks(trial(0), pairs)).containsOnly(1);
        requireSame(run(trial(1e9), 1, marks(trial(1e9), pairs)), run(new Unclipped(), 1));
        Result some = run(trial(0.35), 1, marks(trial(0.35), pairs));
        float[] expected = run(new Unclipped(), 1).gradients;
        Arrays.fill(expected, 8, 12, 0);
        assertThat(some.gradients).containsExactly(expected, within(1e-9f));
        assertThat(some.stopped).isCloseTo(1.0 / 3, within(1e-12));
    }

    /** D of sample 4 is 0.0025 / 2 / (2 S^2) = 0.0025, the others have more. */
    @Test
    void dppoStopsWhatIsBeyondAndMovesAwayAndNothingElse() {
        Result plain = run(new Unclipped(), 1);
        Result masked = run(dppo(0.003), 1);
        int stopped = 0;
        for (int i = 0; i < 6; i++) {
            double squares = MOVED[2 * i] * MOVED[2 * i] + MOVED[2 * i + 1] * MOVED[2 * i + 1];
            double d = squares / 2 / (2 * STD * STD);
            double logRatio = Math.log(plain.losses[i] / -ADVANTAGES[i]);
            boolean away = logRatio * ADVANTAGES[i] > 0;
            stopped += d >= 0.003 && away ? 1 : 0;
            double expected = d >= 0.003 && away ? 0 : plain.gradients[2 * i];
            assertThat((double) masked.gradients[2 * i]).as("sample %d", i).isEqualTo(expected);
        }
        assertThat(stopped).isBetween(1, 5);
        assertThat(masked.stopped).isCloseTo(stopped / 6.0, within(1e-12));
    }

    private static List<UpdateSurvey.Pair> pairs(double[] advantages, double... l) {
        List<UpdateSurvey.Pair> pairs = new ArrayList<>();
        for (int i = 0; i < l.length; i++) {
            pairs.add(new UpdateSurvey.Pair(i, 3, l[i], 0, advantages[i], -1.0, 0.1 * i));
        }
        return pairs;
    }

    private static double[] marks(TrustRegion region, List<UpdateSurvey.Pair> pairs) {
        return region.survey().marks(pairs, 5);
    }

    private static ClipCov clipCov(int count) {
        return new ClipCov(new ClipCov.Config(0.05, 0.5, 1, count));
    }

    private static KlCov klCov(int count) {
        return new KlCov(new KlCov.Config(count, 2));
    }

    private static LowProbabilityRegulariser lpReg(double share) {
        return new LowProbabilityRegulariser(
                new LowProbabilityRegulariser.Config(share, 2, LowProbabilityRegulariser.Proxy.REFERENCE, 0.05, 0.05));
    }

    /** cov: 4, 0, 0, 0.5, 4.5 and so on, of A - 1 and l. */
    @Test
    void theHighestCovariancesAreChosen() {
        double[] advantages = {3, 1, 1, 0, -2, 3};
        double[] l = {2, 5, -4, -0.5, -1.5, -1};
        assertThat(marks(klCov(2), pairs(advantages, l)))
                .containsExactly(1, Double.NaN, Double.NaN, Double.NaN, 1, Double.NaN);
        double[] dropped = marks(clipCov(1), pairs(advantages, l));
        assertThat(Arrays.stream(dropped).filter(mark -> mark == 1).count()).isEqualTo(1);
        assertThat(Double.isNaN(dropped[5])).as("a negative covariance").isTrue();
        assertThat(dropped).containsExactly(marks(clipCov(1), pairs(advantages, l)));
    }

    @Test
    void ofEqualAdvantagesNothingIsChosen() {
        double[] equal = {0.7, 0.7, 0.7};
        assertThat(marks(klCov(2), pairs(equal, 1, 2, 3))).containsOnly(Double.NaN);
        assertThat(marks(clipCov(2), pairs(equal, 1, 2, 3))).containsOnly(Double.NaN);
        assertThat(marks(klCov(0), pairs(ADVANTAGES, 1, 2, 3, 4, 5, 6))).containsOnly(Double.NaN);
        assertThat(marks(clipCov(0), pairs(ADVANTAGES, 1, 2, 3, 4, 5, 6))).containsOnly(Double.NaN);
    }

    @Test
    void withoutMarksTheyArePpoAndUnclipped() {
        double[] none = new double[6];
        Arrays.fill(none, Double.NaN);
        Result ppo = run(new RatioClip(new RatioClip.Config(0.05, null)), 1);
        requireSame(run(clipCov(3), 1, none), ppo);
        requireSame(run(lpReg(0.5), 1, none), ppo);
        requireSame(run(klCov(3), 1, none), run(new Unclipped(), 1));
    }

    @Test
    void markedPairsAreDroppedOrHeldBack() {
        double[] marks = {Double.NaN, 1, Double.NaN, 1, Double.NaN, Double.NaN};
        Result dropped = run(clipCov(3), 1, marks);
        assertThat(dropped.losses[1] + dropped.losses[3]).isZero();
        assertThat(dropped.gradients[2]).isZero();
        Result plain = run(new Unclipped(), 1);
        Result held = run(klCov(3), 1, marks);
        double logRatio = Math.log(-plain.losses[1] / ADVANTAGES[1]);
        assertThat(held.losses[1]).isCloseTo(plain.losses[1] + 2 * Math.abs(logRatio), within(1e-6));
        assertThat(held.losses[0]).isEqualTo(plain.losses[0]);
    }

    /** Of four pairs with a negative advantage the two lowest, which are 2 and 3 below the proxy's -1; one alone is left. */
    @Test
    void lpRegHoldsTheLeastLikelyOfTheWorse() {
        double[] advantages = {-1, 2, -1, -1, -1};
        double[] l = {-3, -9, -0.5, -2, -4};
        assertThat(marks(lpReg(0.5), pairs(advantages, l))).containsExactly(2, Double.NaN, Double.NaN, Double.NaN, 3);
        assertThat(marks(lpReg(0.25), pairs(advantages, l))).containsOnly(Double.NaN);
        assertThat(marks(lpReg(0), pairs(advantages, l))).containsOnly(Double.NaN);
    }

    /** k3 of a proxy that is the current policy is 0, without a gradient; else it is as written, and positive advantages are untouched. */
    @Test
    void lpRegAddsTheDistanceToTheProxy() {
        Result plain = run(new Unclipped(), 1);
        double[] marks = {Double.NaN, Double.NaN, 0, Double.NaN, 0.3, Double.NaN};
        Result held = run(lpReg(0.5), 1, marks);
        assertThat(held.losses[2]).isCloseTo(plain.losses[2], within(1e-6));
        assertThat((double) held.gradients[4]).isCloseTo(plain.gradients[4], within(1e-5));
        assertThat(held.losses[4]).isCloseTo(plain.losses[4] + 2 * (Math.exp(0.3) - 0.3 - 1), within(1e-6));
        double slope = (NOISE[8] * STD - MOVED[8]) / (2 * STD * STD); // of l by the first element of sample 4's mean
        assertThat((double) held.gradients[8])
                .isCloseTo(plain.gradients[8] - 2 * (Math.exp(0.3) - 1) * slope, within(1e-5));
        Result ppo = run(new RatioClip(new RatioClip.Config(0.05, null)), 1);
        assertThat(held.losses[0]).isEqualTo(ppo.losses[0]);
    }
}
