package org.imagerl.toolkit.recipe;

import java.util.Arrays;
import java.util.List;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.run.RewardCombination;

/**
 * Group reward-decoupled normalisation (GDPO), as Flow-Factory's advantage aggregation {@code gdpo} has it: each reward r_k is normalised in the
 * group of each prompt by itself, then they are added by weight and normalised over the epoch,
 *
 * <pre>
 * z_k = (r_k - mean_group) / max(std_group, 1e-6)
 * A   = (s - mean(s)) / max(std(s), 1e-6),   s = sum_k w_k z_k
 * </pre>
 *
 * so that a reward of a larger spread does not drown the others. The standard deviations are of the population. A sample without a value of one
 * reward (NaN) has no advantage and counts in no statistics.
 */
public final class DecoupledAdvantage implements RewardCombination {
    private static final double FLOOR = 1e-6;

    @Override
    public Advantages advantages(Scored scored, Advantage advantage) {
        return Advantages.ofSamples(of(
                scored.groups(),
                scored.rewards().stream().map(Column::values).toList(),
                scored.rewards().stream().mapToDouble(Column::weight).toArray()));
    }

    @Override
    public boolean usesAdvantage() {
        return false;
    }

    @Override
    public int minimumGroup() {
        return 2;
    }

    /**
     * Advantages of an epoch's samples.
     *
     * @param groups the group of each sample
     * @param rewards of each reward a value per sample, NaN for none
     * @param weights one per reward
     * @return an advantage per sample, NaN where a reward has no value
     */
    public static double[] of(List<String> groups, List<double[]> rewards, double[] weights) {
        double[] sum = new double[groups.size()];
        for (int k = 0; k < weights.length; k++) {
            double weight = weights[k];
            double[] own = normalised(groups, complete(rewards, k));
            Arrays.setAll(sum, i -> sum[i] + weight * own[i]);
        }
        return Statistics.of(sum).normaliseAbove(sum, FLOOR);
    }

    /** The values of one reward, of the samples that have all: all rewards see the same samples. */
    private static double[] complete(List<double[]> rewards, int k) {
        double[] values = rewards.get(k).clone();
        for (double[] others : rewards) {
            Arrays.setAll(values, i -> Double.isNaN(others[i]) ? Double.NaN : values[i]);
        }
        return values;
    }

    private static double[] normalised(List<String> groups, double[] values) {
        double[] normalised = new double[values.length];
        for (int[] group : Groups.of(groups)) {
            double[] own = Groups.pick(values, group);
            double[] apart = Statistics.of(own).normaliseAbove(own, FLOOR);
            for (int i = 0; i < apart.length; i++) {
                normalised[group[i]] = apart[i];
            }
        }
        return normalised;
    }
}
