package org.imagerl.toolkit.recipe;

import java.util.List;
import org.imagerl.spi.Advantage;

/**
 * {@code (r - mean_group) / (std + epsilon)} (Liu et al., Flow-GRPO, 2025, arXiv 2505.05470, eq. 4, as in the published code): std of all raw
 * rewards of the epoch, or of the group. Flow-GRPO takes the population std and 1e-4; DanceGRPO (Xue et al., 2025, arXiv 2505.07818) the group's
 * sample std and 1e-8.
 */
public final class GroupAdvantage implements Advantage {

    /**
     * What rewards are divided by.
     *
     * @param globalStd whether the std is that of the whole epoch rather than of the group
     * @param sampleStd whether the sum of n squares is divided by n - 1 rather than by n
     * @param epsilon added to the std, in units of the reward, above 0
     */
    public record Config(boolean globalStd, boolean sampleStd, double epsilon) {
        /** Checks the range. */
        public Config {
            if (!(epsilon > 0)) {
                throw new IllegalArgumentException("epsilon must be above 0");
            }
        }

        /** As Flow-GRPO. */
        public Config(boolean globalStd) {
            this(globalStd, false, 1e-4);
        }
    }

    private final Config config;

    public GroupAdvantage(Config config) {
        this.config = config;
    }

    @Override
    public int minimumGroup() {
        return 2;
    }

    @Override
    public double[] advantages(List<String> groups, double[] rewards) {
        Statistics epoch = Statistics.of(rewards);
        double[] advantages = new double[rewards.length];
        for (int[] group : Groups.of(groups)) {
            Statistics statistics = Statistics.of(Groups.pick(rewards, group));
            double std = std(config.globalStd ? epoch : statistics);
            for (int i : group) {
                advantages[i] = (rewards[i] - statistics.mean()) / (std + config.epsilon);
            }
        }
        return advantages;
    }

    /** Of a single reward, which has no sample std, 0. */
    private double std(Statistics statistics) {
        int n = statistics.count();
        return config.sampleStd && n > 1 ? statistics.std() * Math.sqrt(n / (n - 1.0)) : statistics.std();
    }
}
