package org.imagerl.training.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.State;
import org.imagerl.spi.run.RolloutBudget;
import org.imagerl.testkit.RolloutBudgetContract;
import org.imagerl.toolkit.run.KnapsackBudget;
import org.junit.jupiter.api.Test;

class KnapsackBudgetTest extends RolloutBudgetContract {
    private static final int MAX = 9;

    @Override
    protected RolloutBudget create() {
        return new KnapsackBudget(new KnapsackBudget.Config(2, MAX, null));
    }

    private static int[] samples(int mean, double... p) {
        KnapsackBudget budget = new KnapsackBudget(new KnapsackBudget.Config(2, MAX, 0.5));
        Map<String, double[]> known = new TreeMap<>();
        for (int i = 0; i < p.length; i++) {
            if (!Double.isNaN(p[i])) {
                known.put("p" + i, new double[] {p[i]});
            }
        }
        budget.restore(State.of(known));
        List<Prompt> prompts = IntStream.range(0, p.length)
                .mapToObj(i -> Prompt.of("p" + i, ""))
                .toList();
        return budget.samples(prompts, mean, 3);
    }

    private static double worth(int n, double p) {
        return (1 - Math.pow(p, n) - Math.pow(1 - p, n)) * p * (1 - p) * (1 - p);
    }

    @Test
    void equalPassRatesHaveEqualShares() {
        assertThat(samples(5, 0.3, 0.3, 0.3)).containsExactly(5, 5, 5);
        assertThat(samples(5, Double.NaN, Double.NaN)).as("never seen").containsExactly(5, 5);
    }

    /** The best division of all, by dynamic programming over what the first prompts can be worth. */
    @Test
    void noDivisionIsWorthMore() {
        double[] p = {0.1, 0.35, 0.6, 0.95, 0.5};
        int total = 5 * p.length;
        double[] best = new double[total + 1];
        Arrays.fill(best, Double.NEGATIVE_INFINITY);
        best[0] = 0;
        for (double rate : p) {
            double[] next = new double[total + 1];
            Arrays.fill(next, Double.NEGATIVE_INFINITY);
            for (int used = 0; used <= total; used++) {
                for (int n = 2; n <= Math.min(MAX, total - used); n++) {
                    next[used + n] = Math.max(next[used + n], best[used] + worth(n, rate));
                }
            }
            best = next;
        }
        int[] n = samples(5, p);
        double actual =
                IntStream.range(0, p.length).mapToDouble(i -> worth(n[i], p[i])).sum();
        assertThat(IntStream.of(n).sum()).isEqualTo(total);
        assertThat(actual).isCloseTo(best[total], within(1e-12));
    }

    @Test
    void whatNobodyNeedsGoesToThePromptsThatNeverPass() {
        assertThat(samples(5, 1, 0, 1)).containsExactly(3, 9, 3);
        assertThat(samples(5, 1, 1, 1)).containsExactly(5, 5, 5);
        assertThat(samples(8, 0.4, 0, 1))
                .as("the middle one first, up to the limit")
                .containsExactly(9, 9, 6);
    }

    @Test
    void aMeanOutsideTheLimitsIsRefused() {
        RolloutBudget budget = create();
        assertThatThrownBy(() -> budget.check(1)).hasMessageContaining("2 to 9 samples");
        assertThatThrownBy(() -> new KnapsackBudget.Config(1, 4, null)).hasMessageContaining("min must be at least 2");
    }
}
