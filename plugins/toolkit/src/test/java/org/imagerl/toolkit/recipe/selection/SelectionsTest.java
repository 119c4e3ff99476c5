package org.imagerl.toolkit.recipe.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.imagerl.spi.CoefficientSchedule;
import org.imagerl.spi.Selection;
import org.imagerl.toolkit.recipe.SelectAll;
import org.imagerl.toolkit.recipe.Statistics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SelectionsTest {
    private static final List<String> GROUPS = List.of("a", "b", "a", "b", "a", "b", "a", "b");
    private static final double[] REWARDS = {0.5, 0.1, 0.9, 0.1, 0.2, Double.NaN, 0.5, 0.1};

    private static Selection.Candidates candidates(double progress, long seed) {
        double[] advantages = Arrays.stream(REWARDS).map(r -> r - 0.4).toArray();
        return new Selection.Candidates(GROUPS, REWARDS, advantages, progress, seed);
    }

    private static int[] select(Selection selection) {
        return selection.select(candidates(0, 1));
    }

    @Test
    void theBestAndTheWorstOfEveryPrompt() {
        assertThat(select(new BestWorst(new BestWorst.Config(1, 1)))).containsExactly(1, 2, 4, 7);
        assertThat(select(BestWorst.best(new BestWorst.BestConfig(1)))).containsExactly(1, 2);
        assertThat(select(new BestWorst(new BestWorst.Config(0, 2)))).containsExactly(3, 4, 6, 7);
    }

    /** k best and k worst of 2 k are all, and so is everything that asks for no less. */
    @Test
    void enoughOfThemAreAll() {
        int[] all = select(new SelectAll());
        assertThat(all).containsExactly(0, 1, 2, 3, 4, 6, 7);
        assertThat(select(new BestWorst(new BestWorst.Config(2, 2)))).containsExactly(all);
        assertThat(select(new BestRandom(new BestRandom.Config(4, 0.4, 0.1)))).containsExactly(all);
        assertThat(select(MaxVariance.ofEpoch(new MaxVariance.Config(1, null)))).containsExactly(all);
        assertThat(select(MaxVariance.ofGroups(new MaxVariance.Config(1, null))))
                .containsExactly(all);
    }

    /** One draw of a group of four: 0.4 for the best, 0.1 for the three others, so 4/7 and 1/7. */
    @Test
    void oneDrawFollowsTheWeights() {
        Selection one = new BestRandom(new BestRandom.Config(1, 0.4, 0.1));
        int draws = 4000;
        int[] counts = new int[GROUPS.size()];
        for (long seed = 0; seed < draws; seed++) {
            Arrays.stream(one.select(candidates(0, seed))).forEach(i -> counts[i]++);
        }
        double deviation = 5 * Math.sqrt(0.25 / draws);
        assertThat((double) counts[2] / draws).isCloseTo(4.0 / 7, within(deviation));
        assertThat((double) counts[6] / draws).isCloseTo(1.0 / 7, within(deviation));
        assertThat((double) counts[1] / draws).as("the first of equal ones").isCloseTo(4.0 / 6, within(deviation));
        assertThat(counts[5]).isZero();
        assertThat(one.select(candidates(0, 3))).containsExactly(one.select(candidates(0, 3)));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5, 9})
    void noSubsetOfTheSizeVariesMore(int count) {
        double[] values = new SplittableRandom(count).doubles(9).toArray();
        values[3] = values[7];
        double best = IntStream.range(0, 1 << 9)
                .filter(bits -> Integer.bitCount(bits) == count)
                .mapToDouble(bits -> variance(values, IntStream.range(0, 9).filter(i -> (bits >> i & 1) == 1)))
                .max()
                .orElseThrow();
        int[] chosen = MaxVariance.subset(values, count);
        assertThat(chosen).hasSize(count).doesNotHaveDuplicates();
        assertThat(variance(values, Arrays.stream(chosen))).isCloseTo(best, within(1e-12));
    }

    private static double variance(double[] values, IntStream places) {
        double std = Statistics.of(places.mapToDouble(i -> values[i]).toArray()).std();
        return std * std;
    }

    @Test
    void ofEqualValuesTheFirstAreTaken() {
        assertThat(MaxVariance.subset(new double[] {0.3, 0.3, 0.3, 0.3}, 2)).containsExactly(0, 1);
    }

    /** The share moves with the run; over the epoch a group that scores alike can drop out, within groups it cannot. */
    @Test
    void theShareFollowsItsSchedule() {
        CoefficientSchedule more = new CoefficientSchedule(1, CoefficientSchedule.Shape.LINEAR, 0.5);
        MaxVariance.Config config = new MaxVariance.Config(0.3, more);
        assertThat(MaxVariance.ofEpoch(config).select(candidates(0, 1))).containsExactly(1, 2);
        assertThat(MaxVariance.ofEpoch(config).select(candidates(0.5, 1))).hasSize(7);
        assertThat(MaxVariance.ofGroups(config).select(candidates(0, 1))).containsExactly(1, 2, 3, 4);
    }
}
