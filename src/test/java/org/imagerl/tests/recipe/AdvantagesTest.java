package org.imagerl.tests.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.imagerl.diffusion.ddpo.PerPromptAdvantage;
import org.imagerl.spi.Advantage;
import org.imagerl.testkit.AdvantageContract;
import org.imagerl.toolkit.recipe.BatchAdvantage;
import org.imagerl.toolkit.recipe.GroupAdvantage;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How rewards become signs: three groups of four. */
class AdvantagesTest {
    private static final List<String> GROUPS = List.of("a", "b", "c", "a", "b", "c", "a", "b", "c", "a", "b", "c");

    static List<Named<Supplier<Advantage>>> all() {
        return List.of(
                Named.of("batch", BatchAdvantage::new),
                Named.of("group", () -> new GroupAdvantage(new GroupAdvantage.Config(false))),
                Named.of("group, sample std", () -> new GroupAdvantage(new GroupAdvantage.Config(false, true, 1e-8))),
                Named.of("group, global std", () -> new GroupAdvantage(new GroupAdvantage.Config(true))),
                Named.of("per prompt", () -> tracker(4, 4)),
                Named.of("per prompt, still too few", () -> tracker(32, 16)));
    }

    private static PerPromptAdvantage tracker(int buffer, int minCount) {
        return new PerPromptAdvantage(new PerPromptAdvantage.Config(buffer, minCount));
    }

    private static double[] rewards() {
        return new SplittableRandom(7).doubles(GROUPS.size()).toArray();
    }

    @ParameterizedTest
    @MethodSource("all")
    void rewardsThatAreAllEqualGiveZero(Supplier<Advantage> made) {
        double[] equal = new double[GROUPS.size()];
        Arrays.fill(equal, 0.7);
        assertThat(made.get().advantages(GROUPS, equal)).containsOnly(0.0);
    }

    @ParameterizedTest
    @MethodSource("all")
    void aConstantAddedToAllRewardsChangesNothing(Supplier<Advantage> made) {
        double[] shifted = Arrays.stream(rewards()).map(r -> r + 100).toArray();
        assertThat(made.get().advantages(GROUPS, shifted))
                .containsExactly(made.get().advantages(GROUPS, rewards()), within(1e-9));
    }

    @ParameterizedTest
    @MethodSource("all")
    void aFactorOnAllRewardsChangesNothingWhereEpsilonIsSmallBesideThem(Supplier<Advantage> made) {
        double[] large = Arrays.stream(rewards()).map(r -> 1e3 * r).toArray();
        double[] larger = Arrays.stream(rewards()).map(r -> 1e6 * r).toArray();
        assertThat(made.get().advantages(GROUPS, larger))
                .containsExactly(made.get().advantages(GROUPS, large), within(1e-5));
    }

    @Test
    void groupAdvantagesOfEachGroupAddUpToZero() {
        for (boolean global : new boolean[] {true, false}) {
            double[] advantages = new GroupAdvantage(new GroupAdvantage.Config(global)).advantages(GROUPS, rewards());
            for (int group = 0; group < 3; group++) {
                double sum = 0;
                for (int i = group; i < advantages.length; i += 3) {
                    sum += advantages[i];
                }
                assertThat(sum).as("group %d", group).isCloseTo(0, within(1e-9));
            }
        }
    }

    /** Group a is moved as a whole; the other groups see it only through the std of all. */
    @Test
    void theStdIsThatOfTheEpochOrOfTheGroup() {
        double[] moved = rewards();
        for (int i = 0; i < moved.length; i += 3) {
            moved[i] += 10;
        }
        GroupAdvantage own = new GroupAdvantage(new GroupAdvantage.Config(false));
        assertThat(own.advantages(GROUPS, moved)).containsExactly(own.advantages(GROUPS, rewards()), within(1e-9));
        GroupAdvantage global = new GroupAdvantage(new GroupAdvantage.Config(true));
        double ratio = global.advantages(GROUPS, moved)[1] / global.advantages(GROUPS, rewards())[1];
        assertThat(ratio).isLessThan(0.1);
    }

    /** Four images of a prompt: the sum of squares is divided by 3, not by 4. */
    @Test
    void theSampleStdIsLargerByBessel() {
        double[] population =
                new GroupAdvantage(new GroupAdvantage.Config(false, false, 1e-12)).advantages(GROUPS, rewards());
        double[] sample =
                new GroupAdvantage(new GroupAdvantage.Config(false, true, 1e-12)).advantages(GROUPS, rewards());
        for (int i = 0; i < sample.length; i++) {
            assertThat(sample[i]).isCloseTo(population[i] * Math.sqrt(3.0 / 4), within(1e-9));
        }
        double[] alone = new GroupAdvantage(new GroupAdvantage.Config(false, true, 1e-8))
                .advantages(List.of("a"), new double[] {3});
        assertThat(alone).containsExactly(0);
    }

    @Test
    void thePromptsOwnStatisticsHoldFromTheThresholdOn() {
        PerPromptAdvantage tracker = tracker(8, 4);
        // Prompt a has three rewards, one fewer than the threshold; then the fourth comes.
        List<String> three = List.of("a", "a", "a", "other", "other");
        double[] first = {1, 2, 3, 10, 20};
        assertThat(tracker.advantages(three, first))
                .containsExactly(new BatchAdvantage().advantages(three, first), within(1e-6));
        double mean = (1 + 2 + 3 + 7) / 4.0;
        double std = Math.sqrt((1 + 4 + 9 + 49) / 4.0 - mean * mean);
        assertThat(tracker.advantages(List.of("a", "other"), new double[] {7, 0})[0])
                .isCloseTo((7 - mean) / std, within(1e-6));
    }

    @Test
    void onlyTheLastRewardsOfAPromptAreKept() {
        PerPromptAdvantage tracker = tracker(3, 3);
        tracker.advantages(Collections.nCopies(5, "a"), new double[] {100, 200, 1, 2, 3});
        assertThat(tracker.state().numbers().get("a")).containsExactly(1, 2, 3);
        tracker.advantages(List.of("a", "b"), new double[] {4, 9});
        assertThat(tracker.state().numbers().get("a")).containsExactly(2, 3, 4);
        assertThat(tracker.state().numbers().get("b")).containsExactly(9);
    }

    @Nested
    class Batch extends AdvantageContract {
        @Override
        protected Advantage create() {
            return new BatchAdvantage();
        }
    }

    @Nested
    class Group extends AdvantageContract {
        @Override
        protected Advantage create() {
            return new GroupAdvantage(new GroupAdvantage.Config(false));
        }
    }

    @Nested
    class GroupWithGlobalStd extends AdvantageContract {
        @Override
        protected Advantage create() {
            return new GroupAdvantage(new GroupAdvantage.Config(true));
        }
    }

    @Nested
    class PerPrompt extends AdvantageContract {
        @Override
        protected Advantage create() {
            return tracker(6, 4);
        }
    }
}
