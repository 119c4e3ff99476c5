package org.imagerl.toolkit.recipe.combination;

import java.util.List;
import java.util.Map;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.State;
import org.imagerl.spi.UserException;
import org.imagerl.spi.run.RewardCombination;
import org.imagerl.toolkit.recipe.Groups;
import org.imagerl.toolkit.recipe.Statistics;
import org.imagerl.toolkit.recipe.WeightedSum;

/**
 * Keeps diversity in a band around what it was (after Xu et al., EPO: Entropy-regularized Policy Optimization for LLM Agents Reinforcement Learning, 2025,
 * arXiv 2509.22576). With d_g the mean diversity of a group and h the mean over the epochs before,
 *
 * <pre>
 * r_i + w d_i   if d_g &lt; low h,      r_i - w d_i   if d_g &gt; high h,      r_i   between
 * </pre>
 *
 * where w is the weight of the diversity reward and r_i the weighted sum of the others. In the first epoch nothing is added.
 *
 * <p><b>What stands for the entropy.</b> The paper adds the entropy of tokens to the loss, and a constant (0.1, without a gradient) where it leaves the band of its
 * history. The entropy of a Gaussian step does not depend on the weights; the spread of the images of a prompt, as the reward {@code diversity} scores
 * it, takes its place, and acts through the reward. The paper's coefficient 0.001 belongs to nats of tokens and is not taken over; its phase weight is left
 * out. The band 0.8 to 1.2 is that of the code, 0.5 to 1.5 that of its script.
 */
public final class DiversityBand implements RewardCombination {

    /**
     * The band.
     *
     * @param reward name of the reward that measures diversity
     * @param low share of the history below which diversity is rewarded, at least 0
     * @param high share of the history above which it is penalised, at least low
     */
    public record Config(String reward, double low, double high) {
        /** Checks the ranges. */
        public Config {
            if (!(low >= 0 && low <= high)) {
                throw new IllegalArgumentException("0 <= low <= high must hold");
            }
        }
    }

    private final Config config;
    private double sum;
    private long epochs;

    public DiversityBand(Config config) {
        this.config = config;
    }

    @Override
    public void check(List<String> rewards) {
        if (!rewards.contains(config.reward) || rewards.size() < 2) {
            throw UserException.input("epo-band needs the reward " + config.reward
                    + ", which measures diversity, and at least one other; the rewards are " + rewards
                    + ". Add {type: diversity, ...}, or name the reward in reward_combination.reward");
        }
    }

    @Override
    public Advantages advantages(Scored scored, Advantage advantage) {
        double[] total = WeightedSum.total(
                scored.rewards().stream().filter(each -> !isDiversity(each)).toList());
        Column diversity =
                scored.rewards().stream().filter(this::isDiversity).findFirst().orElseThrow();
        double[] d = diversity.values();
        for (int[] group : Groups.of(scored.groups())) {
            double sign =
                    epochs == 0 ? 0 : sign(Statistics.of(Groups.pick(d, group)).mean(), sum / epochs);
            for (int i : group) {
                total[i] = sign == 0 ? unless(d[i], total[i]) : total[i] + sign * diversity.weight() * d[i];
            }
        }
        double mean = Statistics.of(d).mean();
        if (!Double.isNaN(mean)) {
            sum += mean;
            epochs++;
        }
        return advantage.advantages(scored.groups(), total, scored.rollouts());
    }

    /** The diversity is added, subtracted, or left out. */
    @Override
    public double[] range(double[] range) {
        return new double[] {Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY};
    }

    /** An image whose diversity is not known has no reward, in the band as outside. */
    private static double unless(double unknown, double total) {
        return Double.isNaN(unknown) ? Double.NaN : total;
    }

    private double sign(double own, double history) {
        return own < config.low * history ? 1 : own > config.high * history ? -1 : 0;
    }

    private boolean isDiversity(Column column) {
        return column.name().equals(config.reward);
    }

    @Override
    public State state() {
        return State.of(Map.of("sum", new double[] {sum}, "epochs", new double[] {epochs}));
    }

    @Override
    public void restore(State state) {
        if (!state.numbers().isEmpty()) {
            sum = state.number("sum");
            epochs = (long) state.number("epochs");
        }
    }
}
