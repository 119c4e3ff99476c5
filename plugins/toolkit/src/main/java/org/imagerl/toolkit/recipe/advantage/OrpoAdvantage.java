package org.imagerl.toolkit.recipe.advantage;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.Objective;
import org.imagerl.spi.RolloutEvidence;
import org.imagerl.toolkit.recipe.GroupAdvantage;

/**
 * Occupancy-regularised rewards against reward hacking (Laidlaw, Singhal, Dragan, Correlated Proxies: A New Definition
 * and Improved Mitigation for Reward Hacking, ORPO, 2024, arXiv 2403.03185): {@code r_i - lambda term(d_i)}, then the
 * advantage {@code group}, with
 *
 * <pre>
 * d_i = sum_t (l_{i,t} - l_ref_{i,t})
 * kl: d     chi2: e^d - 1     sqrt-chi2: (e^d - 1) / sqrt(max(trimmed mean (e^d - 1), 1e-4))     total-variation: sign d
 * </pre>
 *
 * The trimmed mean leaves 1 % of the samples at each end out. So an image that the reference weights would hardly make
 * has to have a higher reward.
 *
 * <p>Where it departs: in the paper d is the log-ratio of occupancy measures, which a discriminator learns; here it is
 * that of the path, whose densities are known, tempered by the mean over the elements of the latents. The floor 1e-4 is
 * that of the paper's action form. The penalty {@code f-divergence} is the form by steps. For its default, the paper's
 * lambda depends on the environment, so that ours is no published one.
 */
public final class OrpoAdvantage implements RolloutAdvantage {
    private static final double FLOOR = 1e-4;
    private static final double TRIMMED = 0.01;

    /** What is subtracted. */
    public enum Term {
        KL,
        CHI2,
        SQRT_CHI2,
        TOTAL_VARIATION
    }

    /**
     * How strong.
     *
     * @param term what is subtracted
     * @param lambda in units of the reward, at least 0
     * @param group of the shaped rewards
     */
    public record Config(Term term, double lambda, GroupAdvantage.Config group) {
        /** Checks the range. */
        public Config {
            if (!(lambda >= 0)) {
                throw new IllegalArgumentException("lambda must be at least 0");
            }
        }
    }

    private final Config config;
    private final GroupAdvantage base;

    public OrpoAdvantage(Config config) {
        this.config = config;
        this.base = new GroupAdvantage(config.group);
    }

    @Override
    public int minimumGroup() {
        return base.minimumGroup();
    }

    @Override
    public Objective.Needs needs() {
        return ReferenceRatios.NEEDS;
    }

    @Override
    public Advantages advantages(List<String> groups, double[] rewards, RolloutEvidence rollouts) {
        double[] terms = terms(ReferenceRatios.ofPaths(rollouts));
        double[] shaped = IntStream.range(0, rewards.length)
                .mapToDouble(i -> rewards[i] - config.lambda * terms[i])
                .toArray();
        return Advantages.ofSamples(base.advantages(groups, shaped));
    }

    /** term(d) of each sample. */
    double[] terms(double... d) {
        double[] chi2 = Arrays.stream(d).map(Math::expm1).toArray();
        double root = Math.sqrt(Math.max(trimmedMean(chi2), FLOOR));
        return switch (config.term) {
            case KL -> d.clone();
            case CHI2 -> chi2;
            case SQRT_CHI2 -> Arrays.stream(chi2).map(x -> x / root).toArray();
            case TOTAL_VARIATION -> Arrays.stream(d).map(Math::signum).toArray();
        };
    }

    private static double trimmedMean(double... values) {
        int cut = (int) (TRIMMED * values.length);
        return Arrays.stream(values)
                .sorted()
                .skip(cut)
                .limit(values.length - 2L * cut)
                .average()
                .orElse(0);
    }
}
