package org.imagerl.toolkit.recipe.advantage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.imagerl.toolkit.recipe.GroupAdvantage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The estimators that look at how likely paths are under the reference weights, and at states that rollouts share. */
class PathAdvantagesTest {
    private static final List<String> GROUPS = List.of("a", "a", "a", "b", "b", "b");
    private static final double[] REWARDS = {0.2, 0.9, 0.4, 0.3, 0.7, 0.1};
    private static final double[][] RATIOS = {{0.1, 0.3}, {-0.2, 0}, {0.5, 0.1}, {0, 0.4}, {-0.1, 0.3}, {0.2, 0.2}};

    private static FDpgAdvantage fdpg(FDpgAdvantage.Divergence divergence, double beta) {
        return new FDpgAdvantage(new FDpgAdvantage.Config(divergence, beta));
    }

    /** 2 b times the leave-one-out advantage of the shaped reward. */
    @Test
    void copgIsAPolicyGradientOfTheShapedReward() {
        double b = 0.7;
        CopgAdvantage copg = new CopgAdvantage(new CopgAdvantage.Config(b));
        double[] w = copg.weights(GROUPS, REWARDS, RATIOS);
        double[] shaped = new double[6];
        Arrays.setAll(shaped, i -> REWARDS[i] - b * (RATIOS[i][0] + RATIOS[i][1]) / 2);
        double[] rloo = new RlooAdvantage().advantages(GROUPS, shaped);
        for (int i = 0; i < 6; i++) {
            assertThat(w[i]).isCloseTo(2 * b * rloo[i], within(1e-12));
        }
        assertThat(w[0] + w[1] + w[2]).isCloseTo(0, within(1e-12));
        double[] raised = Arrays.stream(REWARDS).map(r -> r + 5).toArray();
        assertThat(copg.weights(GROUPS, raised, RATIOS)).containsExactly(w, within(1e-12));
        assertThat(copg.weights(List.of("a", "a"), new double[] {1, 1}, new double[2][1]))
                .containsExactly(0, 0);
    }

    /** The group loss by finite differences: sum over pairs of (R_i - R_j)^2 / (K - 1), by mean_t l_i. */
    @Test
    void copgIsTheGradientOfItsLoss() {
        double b = 0.7;
        double[] w = new CopgAdvantage(new CopgAdvantage.Config(b)).weights(GROUPS, REWARDS, RATIOS);
        double h = 1e-6;
        for (int i = 0; i < 3; i++) {
            double slope = (loss(b, i, h) - loss(b, i, -h)) / (2 * h);
            assertThat(-slope).as("sample %d", i).isCloseTo(w[i], within(1e-8));
        }
    }

    private static double loss(double b, int moved, double by) {
        double[] r = new double[3];
        Arrays.setAll(r, i -> REWARDS[i] - b * ((RATIOS[i][0] + RATIOS[i][1]) / 2 + (i == moved ? by : 0)));
        double sum = 0;
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < i; j++) {
                sum += (r[i] - r[j]) * (r[i] - r[j]) / 2;
            }
        }
        return sum;
    }

    @Test
    void theReverseDivergenceIsThePolicyGradientOfTheShapedReward() {
        double beta = 0.5;
        double[] d = {0.4, -0.2, 0.6, 0.4, 0.2, 0.4};
        double[] a = fdpg(FDpgAdvantage.Divergence.REVERSE_KL, beta).of(REWARDS, d);
        double[] shaped = new double[6];
        Arrays.setAll(shaped, i -> (REWARDS[i] - beta * d[i]) / beta);
        double mean = Arrays.stream(shaped).average().orElseThrow();
        for (int i = 0; i < 6; i++) {
            assertThat(a[i]).isCloseTo(shaped[i] - mean, within(1e-12));
        }
    }

    /** f' is increasing, and 0 apart from a constant where the policy is its target: no gradient in expectation. */
    @ParameterizedTest
    @EnumSource
    void atTheTargetThereIsNoAdvantage(FDpgAdvantage.Divergence divergence) {
        assertThat(fdpg(divergence, 1).of(new double[] {2, 2, 2}, 2 - 1.0, 1, 1))
                .containsExactly(new double[3], within(1e-12));
        double before = Double.NEGATIVE_INFINITY;
        for (double logU = -2; logU <= 2; logU += 0.25) {
            double slope = divergence.slope(logU);
            assertThat(slope).isGreaterThanOrEqualTo(before);
            before = slope;
        }
    }

    @Test
    void slopesAreThoseOfTheTable() {
        double u = 1.7;
        double log = Math.log(u);
        assertThat(FDpgAdvantage.Divergence.FORWARD_KL.slope(log)).isCloseTo(-1 / u, within(1e-12));
        assertThat(FDpgAdvantage.Divergence.JENSEN_SHANNON.slope(log))
                .isCloseTo(Math.log(2 * u / (1 + u)), within(1e-12));
        assertThat(FDpgAdvantage.Divergence.TOTAL_VARIATION.slope(log)).isEqualTo(0.5);
        assertThat(FDpgAdvantage.Divergence.REVERSE_CHI2.slope(log)).isCloseTo(2 * (u - 1), within(1e-12));
        assertThat(FDpgAdvantage.Divergence.FORWARD_CHI2.slope(log)).isCloseTo(1 - 1 / u / u, within(1e-12));
    }

    /** Z is the mean of exp(r / beta - d) over all samples, and both it and the window survive a resume. */
    @Test
    void theNormalisationIsTheMeanOfTheImportanceWeights() {
        FDpgAdvantage forward = fdpg(FDpgAdvantage.Divergence.FORWARD_KL, 1);
        double[] a = forward.of(new double[] {1, 2, Double.NaN}, 0.5, 0, 0);
        double first = Math.exp(0.5);
        double second = Math.exp(2);
        double z = (first + second) / 2;
        double mean = (first / z + second / z) / 2;
        assertThat(a[0]).isCloseTo(first / z - mean, within(1e-12));
        assertThat(a[2]).isNaN();
        FDpgAdvantage resumed = fdpg(FDpgAdvantage.Divergence.FORWARD_KL, 1);
        resumed.restore(forward.state());
        assertThat(resumed.of(REWARDS, new double[6])).containsExactly(forward.of(REWARDS, new double[6]));
    }

    @Test
    void orpoSubtractsADivergenceThatIsZeroAtTheReference() {
        double[] d = {-1, 0, 0.5, 2};
        for (OrpoAdvantage.Term term : OrpoAdvantage.Term.values()) {
            OrpoAdvantage orpo = new OrpoAdvantage(new OrpoAdvantage.Config(term, 1, new GroupAdvantage.Config(false)));
            double[] terms = orpo.terms(d);
            assertThat(terms[1]).as("%s", term).isZero();
            for (int i = 1; i < 4; i++) {
                assertThat(terms[i]).isGreaterThanOrEqualTo(terms[i - 1]);
            }
        }
        OrpoAdvantage root = new OrpoAdvantage(
                new OrpoAdvantage.Config(OrpoAdvantage.Term.SQRT_CHI2, 1, new GroupAdvantage.Config(false)));
        double mean = (Math.expm1(-1) + Math.expm1(0.5) + Math.expm1(2)) / 4;
        assertThat(root.terms(d)[3]).isCloseTo(Math.expm1(2) / Math.sqrt(mean), within(1e-12));
        assertThat(root.terms(0, 0)).as("the floor").containsExactly(0, 0);
    }

    /** Samples 0 to 2 share their first state, 3 to 5 share none. */
    @Test
    void gtpoResolvesConflictsAtSharedStates() {
        float[][] first = {{1, 2}, {1, 2}, {1, 2}, {3, 4}, {5, 6}, {7, 8}};
        float[][] second = {{0, 1}, {0, 2}, {0, 3}, {0, 4}, {0, 5}, {0, 6}};
        double[] a = {1, -2, 0.5, 1, -1, 0};
        double[][] resolved = GtpoAdvantage.resolved(GROUPS, a, List.of(first, second));
        assertThat(resolved[0]).containsExactly(2, 1);
        assertThat(resolved[1]).containsExactly(0, -2);
        assertThat(resolved[2]).containsExactly(1, 0.5);
        for (int i = 3; i < 6; i++) {
            assertThat(resolved[i]).containsExactly(a[i], a[i]);
        }
        double[] positive = {1, 2, 0.5, 1, 1, 1};
        assertThat(GtpoAdvantage.resolved(GROUPS, positive, Collections.singletonList(first))[1])
                .containsExactly(2);
    }
}
