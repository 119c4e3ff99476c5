package org.imagerl.toolkit.run;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.State;
import org.imagerl.spi.UserException;
import org.imagerl.spi.run.RolloutBudget;
import org.jspecify.annotations.Nullable;

/**
 * Rollouts where they are worth most (Li et al., Knapsack RL: Unlocking Exploration of LLMs via Optimizing Budget
 * Allocation, 2025, arXiv 2509.25849). With the pass rate p of a prompt in the last epoch that had it, N rollouts are
 * worth
 *
 * <pre>
 * V(N, p) = (1 - p^N - (1 - p)^N) p (1 - p)^2        the chance of a gradient times what it says
 * V(N, s) = s (1 - 1 / N)                            without success: s is the variance of the rewards, our choice for graded ones
 * </pre>
 *
 * and the sum over the prompts is maximised under {@code sum N = prompts * mean} and {@code min <= N <= max}. From N =
 * 2 on each further rollout adds less than the one before, so that taking the best next one again and again is optimal.
 * Prompts that were never seen have the mean. Rollouts that no prompt with a positive worth can take go to the prompts
 * that never pass, and then to all prompts.
 */
public final class KnapsackBudget implements RolloutBudget {

    /**
     * The limits.
     *
     * @param min rollouts of a prompt, at least 2
     * @param max rollouts of a prompt, at least min
     * @param success least reward of an image that is right; null for graded rewards
     */
    public record Config(int min, int max, @Nullable Double success) {
        /** Checks the ranges. */
        public Config {
            if (min < 2) {
                throw new IllegalArgumentException(
                        "min must be at least 2: one rollout has nothing to be compared with");
            }
            if (max < min) {
                throw new IllegalArgumentException("max must be at least min");
            }
        }
    }

    private final Config config;

    /** The pass rate, or the variance, by the id of the prompt. */
    private final Map<String, Double> known = new TreeMap<>();

    public KnapsackBudget(Config config) {
        this.config = config;
    }

    @Override
    public void check(int mean) {
        if (mean < config.min || mean > config.max) {
            throw UserException.input("knapsack gives a prompt " + config.min + " to " + config.max
                    + " samples, so that their mean, rollout.samples_per_prompt, cannot be " + mean);
        }
    }

    @Override
    public int[] samples(List<Prompt> prompts, int mean, long epoch) {
        double[] p = prompts.stream()
                .mapToDouble(prompt -> known.getOrDefault(prompt.id(), Double.NaN))
                .toArray();
        int[] n = new int[p.length];
        Arrays.setAll(n, i -> Double.isNaN(p[i]) ? mean : config.min);
        for (int left = p.length * mean - Arrays.stream(n).sum(); left > 0; left--) {
            n[next(p, n)]++;
        }
        return n;
    }

    /** The prompt that gets one more. */
    private int next(double[] p, int... n) {
        int best = -1;
        double most = 0;
        for (int i = 0; i < n.length; i++) {
            double gain = n[i] < config.max && !Double.isNaN(p[i]) ? worth(n[i] + 1, p[i]) - worth(n[i], p[i]) : 0;
            if (gain > most) {
                best = i;
                most = gain;
            }
        }
        if (best >= 0) {
            return best;
        }
        boolean hard = IntStream.range(0, n.length).anyMatch(i -> p[i] == 0 && n[i] < config.max);
        return IntStream.range(0, n.length)
                .filter(i -> n[i] < config.max && (!hard || p[i] == 0))
                .boxed()
                .min((a, b) -> Integer.compare(n[a], n[b]))
                .orElseThrow();
    }

    /** V. */
    double worth(int n, double p) {
        return config.success == null
                ? p * (1 - 1.0 / n)
                : (1 - Math.pow(p, n) - Math.pow(1 - p, n)) * p * (1 - p) * (1 - p);
    }

    @Override
    public void scored(List<Prompt> prompts, double[] rewards) {
        Double success = config.success;
        PromptRewards.of(prompts, rewards)
                .forEach((id, own) -> known.put(
                        id,
                        success == null
                                ? PromptRewards.learnability(null, own)
                                : PromptRewards.passRate(success, own)));
    }

    @Override
    public State state() {
        Map<String, double[]> numbers = new TreeMap<>();
        known.forEach((id, p) -> numbers.put(id, new double[] {p}));
        return State.of(numbers);
    }

    @Override
    public void restore(State state) {
        known.clear();
        state.numbers().keySet().forEach(id -> known.put(id, state.number(id)));
    }
}
