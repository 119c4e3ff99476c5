package org.imagerl.toolkit.recipe;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.Advantage;

/**
 * {@code (r - mean_group) / (std + 1e-4)}, population std (Liu et al., Flow-GRPO, 2025, arXiv 2505.05470, eq. 4, as in the
 * published code): of all raw rewards of the epoch, or of the group.
 */
public final class GroupAdvantage implements Advantage {
    private static final double EPSILON = 1e-4;

    /** @param globalStd whether the std is that of the whole epoch rather than of the group */
    public record Config(boolean globalStd) {}

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
        Map<String, List<Integer>> members = new LinkedHashMap<>();
        for (int i = 0; i < rewards.length; i++) {
            members.computeIfAbsent(groups.get(i), key -> new ArrayList<>()).add(i);
        }
        double epochStd = Statistics.of(rewards).std();
        double[] advantages = new double[rewards.length];
        for (List<Integer> group : members.values()) {
            double[] own = group.stream().mapToDouble(i -> rewards[i]).toArray();
            Statistics statistics = Statistics.of(own);
            double std = config.globalStd ? epochStd : statistics.std();
            for (int i : group) {
                advantages[i] = (rewards[i] - statistics.mean()) / (std + EPSILON);
            }
        }
        return advantages;
    }
}
