package org.imagerl.toolkit.recipe.advantage;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.Objective;
import org.imagerl.spi.RolloutEvidence;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.recipe.Groups;
import org.imagerl.toolkit.recipe.Statistics;

/**
 * Efficiency-aware policy optimisation (Chen et al., IterResearch, 2025, arXiv 2511.07327): the reward of an early step is discounted, and
 * advantages are normalised over all steps of all rollouts of the group,
 *
 * <pre>
 * r_{i,t} = gamma^(T - t) r_i,     A_{i,t} = (r_{i,t} - mean_g) / (std_g + e)
 * </pre>
 *
 * with t = 1..T the trained steps from noise to image. In the paper t counts rounds of research and gamma favours short work; here all rollouts have the
 * same steps, so that nothing becomes shorter: early steps, of much noise, count less, and that is all. gamma is <i>unconfirmed</i> (below 1). The
 * paper's ratio of whole sequences (GSPO) is no part of this.
 *
 * <p>A negative reward would shrink in the early steps, and so be rewarded there: rewards must not be negative, or {@code shift} takes the lowest of the
 * group as 0. Without it the advantages of a group whose rewards are all alike are not 0: they differ by step alone, and since no sample is preferred, their
 * expected gradient is 0.
 */
public final class EapoAdvantage implements RolloutAdvantage {

    /**
     * The discount.
     *
     * @param gamma per step, above 0, at most 1, where it is the plain group advantage
     * @param shift whether the lowest reward of a group is subtracted first
     * @param epsilon added to the std, above 0
     */
    public record Config(double gamma, boolean shift, double epsilon) {
        /** Checks the ranges. */
        public Config {
            if (!(gamma > 0 && gamma <= 1)) {
                throw new IllegalArgumentException("gamma must be above 0 and at most 1");
            }
            if (!(epsilon > 0)) {
                throw new IllegalArgumentException("epsilon must be above 0");
            }
        }
    }

    private final Config config;

    public EapoAdvantage(Config config) {
        this.config = config;
    }

    @Override
    public int minimumGroup() {
        return 2;
    }

    @Override
    public Objective.Needs needs() {
        return new Objective.Needs(true, false, Set.of());
    }

    @Override
    public void rewardRange(double lowest, double highest) {
        if (lowest < 0 && !config.shift) {
            throw UserException.input("algorithm.advantage: eapo discounts rewards, and those that are below 0 would be"
                    + " rewarded in early steps; the rewards can be as low as " + lowest
                    + ". Set algorithm.advantage.shift: true, or use rewards from 0 on");
        }
    }

    @Override
    public Advantages advantages(List<String> groups, double[] rewards, RolloutEvidence rollouts) {
        int[] steps = StepAdvantages.trained(rollouts.trajectories());
        int all = rollouts.trajectories().kernel().steps();
        return StepAdvantages.of(perStep(groups, rewards, steps.length), steps, all);
    }

    /** By sample and place among the trained steps. */
    double[][] perStep(List<String> groups, double[] rewards, int steps) {
        double[][] discounted = new double[rewards.length][steps];
        for (int[] group : Groups.of(groups)) {
            double lowest = config.shift
                    ? IntStream.of(group)
                            .mapToDouble(i -> rewards[i])
                            .filter(r -> !Double.isNaN(r))
                            .min()
                            .orElse(0)
                    : 0;
            for (int i : group) {
                for (int k = 0; k < steps; k++) {
                    discounted[i][k] = Math.pow(config.gamma, steps - 1 - k) * (rewards[i] - lowest);
                }
            }
            Statistics statistics = Statistics.of(StepAdvantages.flat(discounted, group));
            for (int i : group) {
                discounted[i] = statistics.normalise(discounted[i], config.epsilon);
            }
        }
        return discounted;
    }
}
