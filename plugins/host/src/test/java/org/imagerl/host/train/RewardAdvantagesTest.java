package org.imagerl.host.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.imagerl.host.config.RunConfig.RewardCombination;
import org.imagerl.host.score.RewardTable;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Reward;
import org.imagerl.spi.Score;
import org.imagerl.toolkit.recipe.GroupAdvantage;
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
        return new RewardAdvantages(RewardCombination.GDPO, List.of(group(), group()));
    }

    @Test
    void aRewardOfALargeSpreadDoesNotDrownAnother() {
        RewardTable table =
                new RewardTable(List.of(column("big", 1, 0, 1000, 0, 1000), column("small", 1, 1, 0, 0, 1)));
        double[] sum = new RewardAdvantages(RewardCombination.SUM, List.of(group())).of(GROUPS, table);
        assertThat(Math.abs(sum[1])).isGreaterThan(0.99);
        double[] own = gdpo().of(GROUPS, table);
        // In group a the rewards say opposite things, in group b the same: A = 0, 0, -2, 2 before the batch is
        // normalised.
        double std = Math.sqrt(2);
        assertThat(own[0]).isCloseTo(0, within(1e-2));
        assertThat(own[1]).isCloseTo(0, within(1e-2));
        assertThat(own[2]).isCloseTo(-2 / std, within(1e-2));
        assertThat(own[3]).isCloseTo(2 / std, within(1e-2));
    }

    @Test
    void oneRewardIsTheSameAsItsNormalisedAdvantage() {
        RewardTable table = new RewardTable(List.of(column("r", 3, 1, 2, 5, 9)));
        double[] own = new RewardAdvantages(RewardCombination.GDPO, List.of(group())).of(GROUPS, table);
        double[] expected = group().advantages(GROUPS, new double[] {1, 2, 5, 9});
        for (int i = 0; i < 4; i++) {
            assertThat(own[i]).isCloseTo(expected[i], within(1e-3));
        }
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
    void eachRewardKeepsItsOwnMemory() {
        List<Advantage> memories = List.of(new Remembering(), new Remembering());
        RewardAdvantages advantages = new RewardAdvantages(RewardCombination.GDPO, memories);
        advantages.of(GROUPS, new RewardTable(List.of(column("x", 1, 1, 2, 3, 4), column("y", 1, 5, 6, 7, 8))));
        Map<String, double[]> state = advantages.state();
        assertThat(state).hasSize(2);
        List<Advantage> fresh = List.of(new Remembering(), new Remembering());
        new RewardAdvantages(RewardCombination.GDPO, fresh).restore(state);
        assertThat(fresh.get(0).state().get("seen")).containsExactly(1, 2, 3, 4);
        assertThat(fresh.get(1).state().get("seen")).containsExactly(5, 6, 7, 8);
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
        public Map<String, double[]> state() {
            return Map.of("seen", seen);
        }

        @Override
        public void restore(Map<String, double[]> state) {
            seen = state.get("seen");
        }
    }
}
