package org.imagerl.training.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Reward;
import org.imagerl.spi.Score;
import org.imagerl.spi.run.State;
import org.imagerl.toolkit.recipe.GroupAdvantage;
import org.imagerl.training.config.RunConfig.RewardCombination;
import org.junit.jupiter.api.Test;

class RewardAdvantagesTest {
    private static final List<String> GROUPS = List.of("a", "a", "b", "b");

    private static RewardTable.Column column(String name, double weight, double... values) {
        Reward.Spec spec = new Reward.Spec(Reward.Scope.POINTWISE, 0, 1000, true, "points");
        List<Score> scores = Arrays.stream(values)
                .mapToObj(value -> Double.isNaN(value) ? Score.failed("no") : Score.of(value))
                .toList();
        return new RewardTable.Column(name, weight, spec, scores, 0);
    }

    private static Advantage group() {
        return new GroupAdvantage(new GroupAdvantage.Config(false));
    }

    private static RewardAdvantages gdpo() {
        return new RewardAdvantages(RewardCombination.GDPO, new Remembering());
    }

    @Test
    void aRewardOfALargeSpreadDoesNotDrownAnother() {
        RewardTable table =
                new RewardTable(List.of(column("big", 1, 0, 1000, 0, 1000), column("small", 1, 1, 0, 0, 1)));
        double[] sum = new RewardAdvantages(RewardCombination.SUM, group()).of(GROUPS, table);
        assertThat(Math.abs(sum[1])).isGreaterThan(0.99);
        double[] own = gdpo().of(GROUPS, table);
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
        RewardTable table = new RewardTable(List.of(column("x", 1, 7, 7, 0, 1e-3), column("y", 2, 0, 1e-3, 5, 5)));
        double[] own = gdpo().of(GROUPS, table);
        double std = Math.sqrt(2.5);
        assertThat(own).containsExactly(new double[] {-2 / std, 2 / std, -1 / std, 1 / std}, within(1e-12));
    }

    /** A spread below the floor is divided by the floor: 4e-7 / 1e-6, beside a group at full spread. */
    @Test
    void aSpreadBelowTheFloorStaysSmall() {
        RewardTable table = new RewardTable(List.of(column("x", 1, 0, 8e-7, 0, 1)));
        double[] own = gdpo().of(GROUPS, table);
        assertThat(own[1] / own[3]).isCloseTo(0.4, within(1e-9));
        assertThat(own[0] / own[2]).isCloseTo(0.4, within(1e-9));
    }

    @Test
    void theAlgorithmsOwnAdvantageIsAskedForTheSumAlone() {
        RewardTable table = new RewardTable(List.of(column("r", 3, 1, 2, 5, 9)));
        Remembering memory = new Remembering();
        new RewardAdvantages(RewardCombination.GDPO, memory).of(GROUPS, table);
        assertThat(memory.seen).isEmpty();
        new RewardAdvantages(RewardCombination.SUM, memory).of(GROUPS, table);
        assertThat(memory.seen).containsExactly(3, 6, 15, 27);
    }

    @Test
    void aPictureWithoutOneScoreHasNoAdvantageAndCountsNowhere() {
        RewardTable table =
                new RewardTable(List.of(column("x", 1, 5, Double.NaN, 0, 1), column("y", 1, 3, 1000, 2, 4)));
        double[] own = gdpo().of(GROUPS, table);
        assertThat(own[1]).isNaN();
        assertThat(own[0]).as("alone in its group").isCloseTo(0, within(1e-9));
        assertThat(own[3]).isCloseTo(-own[2], within(1e-9));
    }

    @Test
    void theMemoryOfTheAdvantageIsKept() {
        RewardAdvantages advantages = new RewardAdvantages(RewardCombination.SUM, new Remembering());
        advantages.of(GROUPS, new RewardTable(List.of(column("x", 1, 1, 2, 3, 4))));
        Remembering fresh = new Remembering();
        new RewardAdvantages(RewardCombination.SUM, fresh).restore(advantages.state());
        assertThat(fresh.seen).containsExactly(1, 2, 3, 4);
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

        @Override
        public State state() {
            return State.of(Map.of("seen", seen));
        }

        @Override
        public void restore(State state) {
            seen = state.numbers().get("seen");
        }
    }
}
