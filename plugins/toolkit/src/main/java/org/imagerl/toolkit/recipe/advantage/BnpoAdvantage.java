package org.imagerl.toolkit.recipe.advantage;

import java.util.List;
import org.apache.commons.numbers.gamma.LogBeta;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.recipe.Groups;
import org.imagerl.toolkit.recipe.Statistics;
import org.jspecify.annotations.Nullable;

/**
 * Beta normalisation (Xiao, Zhang, Cao, BNPO: Beta Normalization Policy Optimization, 2025, arXiv 2506.02864, as in the published code), for
 * rewards that are binary or bounded, mapped to 0..1 by their range:
 *
 * <pre>
 * p_g = mean of the group,   m, v = mean and sample variance of the p_g of the epoch
 * a = (m (1 - m) / v - 1) m,   b = (m (1 - m) / v - 1) (1 - m)
 * alpha = max(1, 1 + a / 3),   beta = max(1, 1 + b / 3)
 * A_i = (r_i - p_g) min(1 / Beta(p_g; alpha, beta), 1e6)
 * </pre>
 *
 * with Beta the density. So the normalisation follows how hard the prompts of the epoch are: alpha = beta = 1 subtracts the mean alone, alpha = beta
 * = 3/2 is GRPO for binary rewards up to the factor pi/8.
 *
 * <p>Where it departs: with one group, or groups of equal means (v = 0, where the published code divides by zero; below 1e-12 here), alpha = beta = 1. Several rewards are
 * added first; the paper normalises each by itself.
 */
public final class BnpoAdvantage implements Advantage {
    private static final double LARGEST_FACTOR = 1e6;

    /** Means of groups that differ less than this are equal: rounding makes as much, and the density would be of no worth. */
    private static final double SMALLEST_STD = 1e-6;

    /**
     * The range of rewards; by default the one that the rewards state, which must then be bounded.
     *
     * @param min lowest reward; lower ones count as this
     * @param max highest reward; higher ones count as this
     */
    public record Config(@Nullable Double min, @Nullable Double max) {
        /** Checks the range. */
        public Config {
            if ((min == null) != (max == null)) {
                throw new IllegalArgumentException("give both min and max, or neither");
            }
            if (min != null && max != null && !(min < max)) {
                throw new IllegalArgumentException("min must be below max");
            }
        }
    }

    private final boolean given;
    private double min;
    private double max;

    public BnpoAdvantage(Config config) {
        given = config.min != null;
        min = config.min == null ? 0 : config.min;
        max = config.max == null ? 1 : config.max;
    }

    @Override
    public int minimumGroup() {
        return 2;
    }

    @Override
    public void rewardRange(double lowest, double highest) {
        if (given) {
            return;
        }
        if (Double.isInfinite(lowest) || Double.isInfinite(highest) || lowest == highest) {
            throw UserException.input(
                    "algorithm.advantage: bnpo maps rewards to 0..1 by their range, but that of rewards is " + lowest
                            + " to " + highest + "; set algorithm.advantage.min and max, or use rewards with bounds");
        }
        min = lowest;
        max = highest;
    }

    @Override
    public double[] advantages(List<String> groups, double[] rewards) {
        double[] r = new double[rewards.length];
        for (int i = 0; i < r.length; i++) {
            r[i] = (Math.max(min, Math.min(max, rewards[i])) - min) / (max - min);
        }
        List<int[]> members = Groups.ofNumbers(groups, r);
        double[] p = members.stream()
                .mapToDouble(group -> Statistics.of(Groups.pick(r, group)).mean())
                .toArray();
        Shape shape = Shape.of(p);
        for (int g = 0; g < p.length; g++) {
            double factor = Math.min(LARGEST_FACTOR, Math.exp(-shape.logDensity(p[g])));
            for (int i : members.get(g)) {
                r[i] = (r[i] - p[g]) * factor;
            }
        }
        return r;
    }

    /**
     * A Beta distribution.
     *
     * @param alpha at least 1
     * @param beta at least 1
     */
    record Shape(double alpha, double beta) {

        /** The shape that follows from the means of the groups. */
        static Shape of(double... p) {
            Statistics means = Statistics.of(p);
            double m = means.mean();
            double v = means.std() * means.std() * p.length / (p.length - 1.0);
            if (p.length < 2 || means.std() < SMALLEST_STD) {
                return new Shape(1, 1);
            }
            double c = m * (1 - m) / v - 1;
            return new Shape(Math.max(1, 1 + c * m / 3), Math.max(1, 1 + c * (1 - m) / 3));
        }

        /** Minus infinity where the density is 0. */
        double logDensity(double p) {
            return times(alpha - 1, Math.log(p)) + times(beta - 1, Math.log1p(-p)) - LogBeta.value(alpha, beta);
        }

        /** 0 times anything is 0 here: p^0 is 1 for p = 0 too. */
        private static double times(double exponent, double log) {
            return exponent == 0 ? 0 : exponent * log;
        }
    }
}
