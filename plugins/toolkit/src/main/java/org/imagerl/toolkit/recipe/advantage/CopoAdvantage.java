package org.imagerl.toolkit.recipe.advantage;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.Advantage;
import org.imagerl.toolkit.recipe.Groups;
import org.imagerl.toolkit.recipe.Statistics;

/**
 * Consistency-aware policy optimisation (Han et al., COPO: Consistency-Aware Policy Optimization, 2025, arXiv 2508.04138). Where all rollouts of
 * a prompt come out alike, comparing them says nothing; then the prompt as a whole is compared with the others of the epoch:
 *
 * <pre>
 * A_local  = (r_i - m_g) / (s_g + e)          m_g, s_g: mean and population std of the group
 * A_global = (m_g - mean_g m_g) / (std_g m_g + e)
 * w = sigmoid(gamma (H_g - rho log2 K)),      H_g: entropy in bits of the outcomes of the group
 * A = w A_local + (1 - w) A_global
 * </pre>
 *
 * <p>Entropies in bits and the mean of the group as what a prompt is worth are those of the published code. An outcome here is the bin of a reward; text
 * that was read or a class is not seen by an advantage. rho is a share of the largest entropy log2 K, so that it means the same for all K: the paper's 1.5
 * bits at K = 6 are 0.58 of it (a script of the published code has 0.5 bits). The paper blends two losses; one advantage is the same while no ratio is
 * clipped. The published code takes sample standard deviations and 1e-6, and where all rewards of a group are equal it leaves A_local out, whose weight
 * is nearly 0 here then.
 */
public final class CopoAdvantage implements Advantage {
    /** In nats. */
    private static final double BIT = Math.log(2);

    /**
     * How the two are blended.
     *
     * @param gamma how sharply the blend turns over, per bit
     * @param rho entropy at which both count the same, as a share of log2 K
     * @param bin width of a bin in units of the reward, above 0; bins begin at multiples of it
     * @param epsilon added to standard deviations, above 0
     */
    public record Config(double gamma, double rho, double bin, double epsilon) {
        /** Checks the ranges. */
        public Config {
            if (!(gamma >= 0)) {
                throw new IllegalArgumentException("gamma must be at least 0");
            }
            if (!(bin > 0) || !(epsilon > 0)) {
                throw new IllegalArgumentException("bin and epsilon must be above 0");
            }
        }
    }

    private final Config config;

    public CopoAdvantage(Config config) {
        this.config = config;
    }

    @Override
    public int minimumGroup() {
        return 2;
    }

    @Override
    public double[] advantages(List<String> groups, double[] rewards) {
        List<int[]> members = Groups.ofNumbers(groups, rewards);
        Statistics[] own = members.stream()
                .map(group -> Statistics.of(Groups.pick(rewards, group)))
                .toArray(Statistics[]::new);
        Statistics among =
                Statistics.of(Arrays.stream(own).mapToDouble(Statistics::mean).toArray());
        double[] advantages = rewards.clone();
        for (int g = 0; g < own.length; g++) {
            double w = localWeight(Groups.pick(rewards, members.get(g)));
            double global = (own[g].mean() - among.mean()) / (among.std() + config.epsilon);
            for (int i : members.get(g)) {
                double local = (rewards[i] - own[g].mean()) / (own[g].std() + config.epsilon);
                advantages[i] = w * local + (1 - w) * global;
            }
        }
        return advantages;
    }

    /** w of a group. */
    double localWeight(double... rewards) {
        double x = config.gamma * (entropy(rewards) - config.rho * Math.log(rewards.length) / BIT);
        return 1 / (1 + Math.exp(-x));
    }

    /** In bits, of the bins that rewards lie in. */
    private double entropy(double... rewards) {
        Map<Double, Integer> counts = new TreeMap<>();
        for (double r : rewards) {
            counts.merge(Math.floor(r / config.bin), 1, Integer::sum);
        }
        double entropy = 0;
        for (int count : counts.values()) {
            double p = (double) count / rewards.length;
            entropy -= p * Math.log(p);
        }
        return entropy / BIT;
    }
}
