package org.imagerl.toolkit.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.run.RewardCombination;
import org.junit.jupiter.api.Test;

class RewardCombinationsTest {
    private static final List<String> GROUPS = List.of("a", "a", "b", "b");

    private static RewardCombination.Column column(String name, double weight, double... values) {
        return new RewardCombination.Column(name, weight, values);
    }

    @SuppressWarnings("NullAway") // neither looks at rollouts
    private static double[] advantages(
            RewardCombination combination, Advantage advantage, List<RewardCombination.Column> columns) {
        return combination
                .advantages(new RewardCombination.Scored(GROUPS, columns, null), advantage)
                .samples();
    }

    private static Advantage group() {
        return new GroupAdvantage(new GroupAdvantage.Config(false));
    }

    private static double[] gdpo(List<RewardCombination.Column> columns) {
        return advantages(new DecoupledAdvantage(), new Remembering(), columns);
    }

    @Test
    void aRewardOfALargeSpreadDoesNotDrownAnother() {
        List<RewardCombination.Column> table =
                List.of(column("big", 1, 0, 1000, 0, 1000), column("small", 1, 1, 0, 0, 1));
        double[] sum = advantages(new WeightedSum(), group(), table);
        assertThat(Math.abs(sum[1])).isGreaterThan(0.99);
        double[] own = gdpo(table);
        // In group a the rewards say opposite things, in group b the same: A = 0, 0, -2, 2 before the batch is
        // normalised.
        double std = Math.sqrt(2);
        assertThat(own[0]).isCloseTo(0, within(1e-9));
        assertThat(own[1]).isCloseTo(0, within(1e-9));
        assertThat(own[2]).isCloseTo(-2 / std, within(1e-9));
        assertThat(own[3]).isCloseTo(2 / std, within(1e-9));
    }

    /**
     * Flow-Factory's {@code compute_gdpo}: floors, not sums, under the standard deviations. In group a reward x has no spread, so its 1e-6 stands in; the
     * combined advantages of (-2, 2, -1, 1) have the deviation sqrt(2.5).
     */
    @Test
    void itIsFlowFactorysToRounding() {
        List<RewardCombination.Column> table = List.of(column("x", 1, 7, 7, 0, 1e-3), column("y", 2, 0, 1e-3, 5, 5));
        double[] own = gdpo(table);
        double std = Math.sqrt(2.5);
        assertThat(own).containsExactly(new double[] {-2 / std, 2 / std, -1 / std, 1 / std}, within(1e-12));
    }

    /** A spread below the floor is divided by the floor: 4e-7 / 1e-6, beside a group at full spread. */
    @Test
    void aSpreadBelowTheFloorStaysSmall() {
        List<RewardCombination.Column> table = List.of(column("x", 1, 0, 8e-7, 0, 1));
        double[] own = gdpo(table);
        assertThat(own[1] / own[3]).isCloseTo(0.4, within(1e-9));
        assertThat(own[0] / own[2]).isCloseTo(0.4, within(1e-9));
    }

    @Test
    void theAlgorithmsOwnAdvantageIsAskedForTheSumAlone() {
        List<RewardCombination.Column> table = List.of(column("r", 3, 1, 2, 5, 9));
        Remembering memory = new Remembering();
        advantages(new DecoupledAdvantage(), memory, table);
        assertThat(memory.seen).isEmpty();
        advantages(new WeightedSum(), memory, table);
        assertThat(memory.seen).containsExactly(3, 6, 15, 27);
    }

    @Test
    void aImageWithoutOneScoreHasNoAdvantageAndCountsNowhere() {
        List<RewardCombination.Column> table =
                List.of(column("x", 1, 5, Double.NaN, 0, 1), column("y", 1, 3, 1000, 2, 4));
        double[] own = gdpo(table);
        assertThat(own[1]).isNaN();
        assertThat(own[0]).as("alone in its group").isCloseTo(0, within(1e-9));
        assertThat(own[3]).isCloseTo(-own[2], within(1e-9));
    }

    private static final class Remembering implements Advantage {
        private double[] seen = {};

        @Override
        public int minimumGroup() {
            return 1;
        }

        @Override
        public double[] advantages(List<String> groups, double[] rewards) {
            seen = rewards.clone();
            return rewards;
        }
    }
}
