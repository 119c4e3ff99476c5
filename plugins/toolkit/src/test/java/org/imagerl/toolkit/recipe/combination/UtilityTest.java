package org.imagerl.toolkit.recipe.combination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.run.RewardCombination;
import org.imagerl.toolkit.recipe.QuantileTracker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class UtilityTest {
    private static final double[] FIRST = {0.1, 0.7, 0.4, 1.5};
    private static final double[] SECOND = {1, -2, 0.5, Double.NaN};

    private static Utility utility(Utility.Kind kind, double stock) {
        return new Utility(new Utility.Config(kind, 0.6, 0.5, stock));
    }

    /** The rewards that the advantage gets to see. */
    @SuppressWarnings("NullAway") // nobody looks at rollouts
    private static double[] seen(RewardCombination combination, RewardCombination.Column... columns) {
        Advantage same = new Advantage() {
            @Override
            public int minimumGroup() {
                return 1;
            }

            @Override
            public double[] advantages(List<String> groups, double[] rewards) {
                return rewards;
            }
        };
        List<String> groups = List.of("a", "a", "b", "b");
        return combination
                .advantages(new RewardCombination.Scored(groups, List.of(columns), null), same)
                .samples();
    }

    private static RewardCombination.Column column(double weight, double... values) {
        return new RewardCombination.Column("r", weight, values);
    }

    @Test
    void theIdentityIsTheSumToTheBit() {
        double[] sum = seen(utility(Utility.Kind.IDENTITY, 0), column(1, FIRST), column(2, SECOND));
        for (int i = 0; i < 3; i++) {
            assertThat(sum[i]).isEqualTo(FIRST[i] + 2 * SECOND[i]);
        }
        assertThat(sum[3]).isNaN();
    }

    /** Credits in the order of the rewards add up to what the advantage sees, less u(c0). */
    @ParameterizedTest
    @EnumSource
    void theMarginalCreditsAddUp(Utility.Kind kind) {
        double stock = 0.2;
        Utility utility = utility(kind, stock);
        double[] seen = seen(utility, column(1, FIRST), column(2, SECOND));
        for (int i = 0; i < 3; i++) {
            double c1 = stock + FIRST[i];
            double first = utility.utility(c1) - utility.utility(stock);
            double second = utility.utility(c1 + 2 * SECOND[i]) - utility.utility(c1);
            assertThat(first + second).isCloseTo(seen[i] - utility.utility(stock), within(1e-12));
        }
    }

    @Test
    void utilitiesAreTheirFormulas() {
        assertThat(seen(utility(Utility.Kind.CAP, 0), column(1, FIRST))).containsExactly(0.1, 0.6, 0.4, 0.6);
        assertThat(seen(utility(Utility.Kind.TARGET, 0), column(1, FIRST)))
                .containsExactly(new double[] {-0.5, -0.1, -0.2, -0.9}, within(1e-12));
        assertThat(seen(utility(Utility.Kind.EXPONENTIAL, 0.4), column(1, FIRST))[0])
                .isCloseTo(-Math.exp(-1), within(1e-12));
    }

    @Test
    void theRangeIsThatOfTheUtility() {
        double[] range = {-1, 2};
        assertThat(utility(Utility.Kind.CAP, 0).range(range)).containsExactly(-1, 0.6);
        assertThat(utility(Utility.Kind.TARGET, 0).range(range)).containsExactly(-1.6, 0);
        assertThat(utility(Utility.Kind.TARGET, 2).range(range)[1]).isCloseTo(-0.4, within(1e-12));
        assertThat(new TailRisk(new TailRisk.Config(0.5)).range(range)).containsExactly(-6, 0);
    }

    /** At level 1 the quantile is the largest: x - max, in every epoch. */
    @Test
    void theWholeDistributionIsTheSumUpToAConstant() {
        TailRisk whole = new TailRisk(new TailRisk.Config(1));
        for (int epoch = 0; epoch < 2; epoch++) {
            double[] tail = seen(whole, column(1, FIRST));
            for (int i = 0; i < 4; i++) {
                assertThat(tail[i]).isCloseTo(FIRST[i] - 1.5, within(1e-12));
            }
        }
    }

    /** The mean of x' plus q is the mean of the rewards below the quantile. */
    @Test
    void onlyTheTailCounts() {
        TailRisk half = new TailRisk(new TailRisk.Config(0.5));
        double q = QuantileTracker.quantile(FIRST, 0.5);
        assertThat(seen(half, column(1, FIRST)))
                .containsExactly(new double[] {-2 * (q - 0.1), 0, -2 * (q - 0.4), 0}, within(1e-12));
        TailRisk resumed = new TailRisk(new TailRisk.Config(0.5));
        resumed.restore(half.state());
        assertThat(seen(resumed, column(1, SECOND))).containsExactly(seen(half, column(1, SECOND)));
        for (double untracked : new double[] {0, 0.04, 0.99}) {
            assertThatThrownBy(() -> new TailRisk.Config(untracked)).hasMessageContaining("0.05 to 0.95");
        }
    }
}
