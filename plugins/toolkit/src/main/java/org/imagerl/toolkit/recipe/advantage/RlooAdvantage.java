package org.imagerl.toolkit.recipe.advantage;

import java.util.List;
import org.imagerl.spi.Advantage;
import org.imagerl.toolkit.recipe.Groups;
import org.imagerl.toolkit.recipe.Statistics;

/**
 * REINFORCE with a leave-one-out baseline (Kool, van Hoof, Welling, Buy 4 REINFORCE Samples, Get a Baseline for Free!,
 * 2019; Ahmadian et al., Back to Basics: Revisiting REINFORCE-Style Optimization for Learning from Human Feedback in
 * LLMs, 2024, arXiv 2402.14740), for the K rollouts of a prompt:
 *
 * <pre>
 * A_i = r_i - mean_{j != i} r_j = K / (K - 1) (r_i - mean_j r_j)
 * </pre>
 *
 * The baseline does not depend on the rollout itself, so that the gradient is unbiased; nothing is divided by a
 * standard deviation, so that it has the unit of the reward. Pairwise PPO (P3O, arXiv 2310.00212) without a clip,
 * averaged over all pairs of a group, is this estimator too. A rollout that is alone in its group has 0.
 */
public final class RlooAdvantage implements Advantage {

    @Override
    public int minimumGroup() {
        return 2;
    }

    @Override
    public double[] advantages(List<String> groups, double[] rewards) {
        double[] advantages = rewards.clone();
        for (int[] group : Groups.ofNumbers(groups, rewards)) {
            Statistics statistics = Statistics.of(Groups.pick(rewards, group));
            double k = statistics.count();
            for (int i : group) {
                advantages[i] = k == 1 ? 0 : k / (k - 1) * (rewards[i] - statistics.mean());
            }
        }
        return advantages;
    }
}
