package org.imagerl.toolkit.recipe.advantage;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.Objective;
import org.imagerl.spi.RolloutEvidence;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.recipe.GroupAdvantage;

/**
 * The KL divergence from the reference weights as a part of the reward, as in flow_grpo's published code
 * ({@code kl_reward}): at each step
 *
 * <pre>
 * r_{i,t} = r_i - c kl_{i,t},     kl_{i,t} = mean_d (mu - mu_ref)^2 / (2 S^2)
 * </pre>
 *
 * of the behaviour policy, and the advantage {@code group} of these, step by step. A penalty holds the policy by its
 * gradient, this one by preferring the rollouts that strayed less. It costs a call of the denoiser per sample and step
 * in every epoch, once, however many updates follow. With c = 0 it is {@code group} to the bit.
 */
public final class KlRewardAdvantage implements RolloutAdvantage {

    /**
     * How strong.
     *
     * @param coefficient c in units of the reward per element's KL divergence, at least 0
     * @param group of the rewards at a step
     */
    public record Config(double coefficient, GroupAdvantage.Config group) {
        /** Checks the range. */
        public Config {
            if (!(coefficient >= 0)) {
                throw new IllegalArgumentException("coefficient must be at least 0");
            }
        }
    }

    private final Config config;
    private final GroupAdvantage base;

    public KlRewardAdvantage(Config config) {
        this.config = config;
        this.base = new GroupAdvantage(config.group);
    }

    @Override
    public int minimumGroup() {
        return base.minimumGroup();
    }

    @Override
    public Objective.Needs needs() {
        return new Objective.Needs(true, true, Set.of(WeightSet.REFERENCE));
    }

    @Override
    public Advantages advantages(List<String> groups, double[] rewards, RolloutEvidence rollouts) {
        int[] steps = StepAdvantages.trained(rollouts.trajectories());
        double[][] kl = rollouts.compare(WeightSet.REFERENCE).divergences();
        double[][] values = new double[rewards.length][steps.length];
        for (int k = 0; k < steps.length; k++) {
            int step = steps[k];
            double[] shaped = new double[rewards.length];
            Arrays.setAll(shaped, i -> rewards[i] - config.coefficient * kl[i][step]);
            double[] a = base.advantages(groups, shaped);
            for (int i = 0; i < a.length; i++) {
                values[i][k] = a[i];
            }
        }
        return StepAdvantages.of(values, steps, rollouts.trajectories().kernel().steps());
    }
}
