package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.spi.Selection;
import org.junit.jupiter.api.Test;

/** What every choice of the rollouts that are trained on must do; extend it with a test of your own. */
public abstract class SelectionContract {
    private static final int PROMPTS = 3;
    private static final int SAMPLES = 4;

    /** A fresh one. */
    protected abstract Selection create();

    /** Rewards from 0 to 1, none like another, and as advantages what they have above one half. */
    private static Selection.Candidates candidates(long epoch, int... failed) {
        List<String> groups = IntStream.range(0, PROMPTS * SAMPLES)
                .mapToObj(i -> "prompt " + i % PROMPTS)
                .toList();
        double[] rewards = IntStream.range(0, PROMPTS * SAMPLES)
                .mapToDouble(i -> 0.5 + 0.5 * Math.sin(9.7 * epoch + 2.3 * i))
                .toArray();
        IntStream.of(failed).forEach(i -> rewards[i] = Double.NaN);
        double[] advantages = Arrays.stream(rewards).map(reward -> reward - 0.5).toArray();
        return new Selection.Candidates(groups, rewards, advantages, epoch / 10.0, epoch);
    }

    @Test
    public void choosesSomeSamplesInTheirOrder() {
        Selection.Candidates candidates = candidates(0);
        int[] chosen = create().select(candidates);
        assertThat(chosen).isNotEmpty().isSorted().doesNotHaveDuplicates();
        assertThat(chosen[0]).isNotNegative();
        assertThat(chosen[chosen.length - 1]).isLessThan(PROMPTS * SAMPLES);
        assertThat(create().select(candidates(0))).containsExactly(chosen);
        assertThat(candidates.rewards()).containsExactly(candidates(0).rewards());
        assertThat(candidates.advantages()).containsExactly(candidates(0).advantages());
    }

    @Test
    public void neverChoosesASampleWithoutAnAdvantage() {
        int[] failed = {0, 3, 6, 7}; // most of the first prompt, and one of another
        assertThat(create().select(candidates(1, failed))).isNotEmpty().doesNotContain(failed);
    }

    /** As where a server is down for an epoch. */
    @Test
    public void anEpochWithoutAdvantagesHasNothingToChoose() {
        int[] all = IntStream.range(0, PROMPTS * SAMPLES).toArray();
        assertThat(create().select(candidates(0, all))).isEmpty();
    }

    /** A restored one goes on as the old one does. */
    @Test
    public void goesOnAfterAResume() {
        Selection old = create();
        for (long epoch = 0; epoch < 3; epoch++) {
            old.select(candidates(epoch));
        }
        Selection restored = create();
        restored.restore(old.state());
        List<int[]> expected = new ArrayList<>();
        List<int[]> actual = new ArrayList<>();
        for (long epoch = 3; epoch < 6; epoch++) {
            expected.add(old.select(candidates(epoch)));
            actual.add(restored.select(candidates(epoch)));
        }
        assertThat(actual.toArray(int[][]::new)).isDeepEqualTo(expected.toArray(int[][]::new));
    }
}
