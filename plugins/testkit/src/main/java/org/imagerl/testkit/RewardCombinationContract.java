package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.RolloutEvidence;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.run.RewardCombination;
import org.junit.jupiter.api.Test;

/** What everything that makes one advantage of several rewards must do; extend it with a test of your own. */
public abstract class RewardCombinationContract {
    private static final int PROMPTS = 3;
    private static final int SAMPLES = 4;

    /** A fresh one. */
    protected abstract RewardCombination create();

    /** The names of the rewards that it combines, at least one. */
    protected List<String> names() {
        return List.of("first", "second");
    }

    /** The rollouts, for one that looks at them. By default there are none to look at. */
    protected RolloutEvidence rollouts() {
        return new RolloutEvidence() {
            @Override
            public Trajectories trajectories() {
                throw new UnsupportedOperationException("override rollouts()");
            }

            @Override
            public Comparison compare(WeightSet weights) {
                throw new UnsupportedOperationException("override rollouts()");
            }
        };
    }

    /** The reward itself, so that what reaches it is what comes out. */
    private static final class Same implements Advantage {
        @Override
        public int minimumGroup() {
            return 1;
        }

        @Override
        public double[] advantages(List<String> groups, double[] rewards) {
            return rewards.clone();
        }
    }

    /** Rewards from 0 to 1, none like another, with the weights 1/2, 1/3 and so on. */
    private List<RewardCombination.Column> columns(long epoch, int... samples) {
        return IntStream.range(0, names().size())
                .mapToObj(k -> new RewardCombination.Column(
                        names().get(k),
                        1 / (k + 2.0),
                        IntStream.of(samples)
                                .mapToDouble(i -> 0.5 + 0.5 * Math.sin(9.7 * epoch + 2.3 * i + 1.9 * k))
                                .toArray()))
                .toList();
    }

    private double[] combined(RewardCombination combination, List<RewardCombination.Column> rewards, int... samples) {
        List<String> groups =
                IntStream.of(samples).mapToObj(i -> "prompt " + i % PROMPTS).toList();
        combination.check(names());
        return combination
                .advantages(new RewardCombination.Scored(groups, rewards, rollouts()), new Same())
                .samples();
    }

    private static int[] all() {
        return IntStream.range(0, PROMPTS * SAMPLES).toArray();
    }

    private double[] epoch(RewardCombination combination, long epoch) {
        return combined(combination, columns(epoch, all()), all());
    }

    @Test
    public void givesEverySampleItsAdvantage() {
        double[] advantages = epoch(create(), 0);
        assertThat(advantages).hasSize(PROMPTS * SAMPLES);
        assertThat(Arrays.stream(advantages).boxed().toList()).allMatch(Double::isFinite);
        assertThat(epoch(create(), 0)).containsExactly(advantages);
        assertThat(create().minimumGroup()).isBetween(1, SAMPLES);
    }

    /** An image that one reward could not score has no part in the statistics of the others. */
    @Test
    public void aSampleThatLacksARewardHasNoAdvantageAndCountsNowhere() {
        int failed = 5;
        int[] others = IntStream.of(all()).filter(i -> i != failed).toArray();
        for (int k = 0; k < names().size(); k++) {
            List<RewardCombination.Column> rewards = columns(0, all());
            rewards.get(k).values()[failed] = Double.NaN;
            double[] with = combined(create(), rewards, all());
            assertThat(with[failed]).as("without %s", names().get(k)).isNaN();
            assertThat(IntStream.of(others).mapToDouble(i -> with[i]).toArray())
                    .containsExactly(combined(create(), columns(0, others), others));
        }
    }

    @Test
    public void leavesTheRewardsAsTheyWere() {
        List<RewardCombination.Column> rewards = columns(1, all());
        combined(create(), rewards, all());
        for (int k = 0; k < rewards.size(); k++) {
            assertThat(rewards.get(k).values())
                    .containsExactly(columns(1, all()).get(k).values());
        }
    }

    /** What the advantage is asked about lies in the range that it is said to have. */
    @Test
    public void whatTheAdvantageSeesLiesInTheRange() {
        RewardCombination combination = create();
        double highest = IntStream.range(0, names().size())
                .mapToDouble(k -> 1 / (k + 2.0))
                .sum();
        double[] range = combination.range(new double[] {0, highest});
        for (long epoch = 0; combination.usesAdvantage() && epoch < 3; epoch++) {
            for (double seen : epoch(combination, epoch)) {
                assertThat(seen).isBetween(range[0] - 1e-12, range[1] + 1e-12);
            }
        }
    }

    /** A restored one goes on as the old one does. */
    @Test
    public void goesOnAfterAResume() {
        RewardCombination old = create();
        for (long epoch = 0; epoch < 3; epoch++) {
            epoch(old, epoch);
        }
        RewardCombination restored = create();
        restored.restore(old.state());
        List<double[]> expected = new ArrayList<>();
        List<double[]> actual = new ArrayList<>();
        for (long epoch = 3; epoch < 6; epoch++) {
            expected.add(epoch(old, epoch));
            actual.add(epoch(restored, epoch));
        }
        assertThat(actual.toArray(double[][]::new)).isDeepEqualTo(expected.toArray(double[][]::new));
    }
}
