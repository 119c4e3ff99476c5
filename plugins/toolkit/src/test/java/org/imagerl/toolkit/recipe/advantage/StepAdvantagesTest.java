package org.imagerl.toolkit.recipe.advantage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.imagerl.spi.Advantages;
import org.imagerl.toolkit.recipe.GroupAdvantage;
import org.junit.jupiter.api.Test;

/** The estimators that tell steps apart. */
class StepAdvantagesTest {
    private static final List<String> GROUPS = List.of("a", "a", "b", "b");
    private static final double[] REWARDS = {0.2, 0.9, 0.5, 0.1};
    private static final GroupAdvantage.Config GROUP = new GroupAdvantage.Config(false);

    private static EapoAdvantage eapo(double gamma, boolean shift) {
        return new EapoAdvantage(new EapoAdvantage.Config(gamma, shift, 1e-4));
    }

    private static EmpgAdvantage empg(double k, double bonusK, double zeta) {
        return new EmpgAdvantage(new EmpgAdvantage.Config(k, bonusK, zeta, StepSignal.SPREAD, GROUP));
    }

    @Test
    void withoutADiscountEapoIsTheGroupAdvantage() {
        double[] group = new GroupAdvantage(GROUP).advantages(GROUPS, REWARDS);
        for (boolean shift : new boolean[] {false, true}) {
            double[][] a = eapo(1, shift).perStep(GROUPS, REWARDS, 3);
            for (int i = 0; i < group.length; i++) {
                assertThat(a[i]).containsExactly(new double[] {group[i], group[i], group[i]}, within(1e-12));
            }
        }
    }

    /** Two samples, two steps, gamma 1/2: rewards 1/2, 1 and 1, 2; mean 9/8, variance 19/64. */
    @Test
    void eapoNormalisesOverStepsAndSamples() {
        double[][] a = eapo(0.5, false).perStep(List.of("a", "a"), new double[] {1, 2}, 2);
        double std = Math.sqrt(19.0 / 64) + 1e-4;
        assertThat(a[0]).containsExactly(new double[] {-0.625 / std, -0.125 / std}, within(1e-12));
        assertThat(a[1]).containsExactly(new double[] {-0.125 / std, 0.875 / std}, within(1e-12));
        assertThat(Arrays.stream(a).flatMapToDouble(Arrays::stream).sum()).isCloseTo(0, within(1e-12));
    }

    @Test
    void eapoRefusesRewardsThatMayBeNegative() {
        assertThatThrownBy(() -> eapo(0.9, false).rewardRange(-1, 1)).hasMessageContaining("shift: true");
        eapo(0.9, true).rewardRange(-1, 1);
        eapo(0.9, false).rewardRange(0, 1);
    }

    @Test
    void withoutModulationEmpgIsTheCentredAdvantage() {
        double[] a = {1, -3, 2, Double.NaN};
        double[][] h = {{0.1, 0.5}, {0.9, 0.2}, {0.3, 0.3}, {5, 7}};
        double[][] modulated = empg(0, 1, 0).modulated(a, h);
        for (int i = 0; i < 3; i++) {
            assertThat(modulated[i]).containsExactly(new double[] {a[i], a[i]}, within(1e-12));
        }
        assertThat(modulated[3]).containsOnly(Double.NaN);
    }

    /** With A = 1 for all, A g is g: its mean is 1 before the centring, and a larger H never has a larger g. */
    @Test
    void empgsWeightsHaveMeanOneAndFallWithH() {
        double[][] h = {{0, 1}, {2, 4}};
        double[][] g = empg(1, 1, 0).modulated(new double[] {1, 1}, h);
        double mean = (1 + Math.exp(-0.25) + Math.exp(-0.5) + Math.exp(-1)) / 4;
        assertThat(g[0]).containsExactly(new double[] {1 / mean - 1, Math.exp(-0.25) / mean - 1}, within(1e-7));
        assertThat(g[1])
                .containsExactly(new double[] {Math.exp(-0.5) / mean - 1, Math.exp(-1) / mean - 1}, within(1e-7));
    }

    @Test
    void empgsBonusIsOfTheNextStepAndTheLastHasNone() {
        double[][] bonus = empg(0, 2, 0.1).modulated(new double[] {0, 0}, new double[][] {{0, 1}, {1, 0}});
        double early = 0.1 * Math.exp(-2);
        double centre = (early + 0.1) / 4;
        assertThat(bonus[0]).containsExactly(new double[] {early - centre, -centre}, within(1e-7));
        assertThat(bonus[1]).containsExactly(new double[] {0.1 - centre, -centre}, within(1e-7));
    }

    @Test
    void stepsThatAreNotTrainedHaveTheMeanOfTheSample() {
        Advantages a = StepAdvantages.of(new double[][] {{1, 3}, {-2, 0}}, new int[] {1, 2}, 4);
        assertThat(a.at(0)).containsExactly(2, -1);
        assertThat(a.at(1)).containsExactly(1, -2);
        assertThat(a.at(2)).containsExactly(3, 0);
        assertThat(a.samples()).containsExactly(2, -1);
    }
}
