package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.run.RolloutBudget;
import org.junit.jupiter.api.Test;

/** What every division of an epoch's samples must do; extend it with a test of your own. */
public abstract class RolloutBudgetContract {
    private static final List<Prompt> PROMPTS = IntStream.range(0, 4)
            .mapToObj(i -> Prompt.of("prompt " + i, "text " + i))
            .toList();

    /** A fresh one. */
    protected abstract RolloutBudget create();

    private static int[] epoch(RolloutBudget budget, long epoch) {
        int[] samples = budget.samples(PROMPTS, 6, epoch);
        List<Prompt> each = new ArrayList<>();
        for (int i = 0; i < samples.length; i++) {
            each.addAll(Collections.nCopies(samples[i], PROMPTS.get(i)));
        }
        double[] rewards = new double[each.size()];
        Arrays.setAll(rewards, i -> i == 0 ? Double.NaN : Math.cos(5.0 * epoch + i));
        budget.scored(each, rewards);
        return samples;
    }

    /** Every prompt has a sample, and together they have as many as the epoch. */
    @Test
    public void dividesAllSamples() {
        RolloutBudget budget = create();
        for (long epoch = 0; epoch < 5; epoch++) {
            int[] samples = epoch(budget, epoch);
            assertThat(samples).hasSize(PROMPTS.size());
            assertThat(Arrays.stream(samples).boxed().toList()).allMatch(count -> count >= 1);
            assertThat(Arrays.stream(samples).sum()).isEqualTo(6 * PROMPTS.size());
        }
    }

    /** A restored one goes on as the old one does. */
    @Test
    public void goesOnAfterAResume() {
        RolloutBudget old = create();
        for (long epoch = 0; epoch < 3; epoch++) {
            epoch(old, epoch);
        }
        RolloutBudget restored = create();
        restored.restore(old.state());
        for (long epoch = 3; epoch < 8; epoch++) {
            assertThat(epoch(restored, epoch)).isEqualTo(epoch(old, epoch));
        }
    }
}
