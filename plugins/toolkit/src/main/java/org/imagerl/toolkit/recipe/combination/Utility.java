package org.imagerl.toolkit.recipe.combination;

import java.util.Arrays;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.run.RewardCombination;
import org.imagerl.toolkit.recipe.WeightedSum;

/**
 * The utility of the rewards together (after Pires et al., Optimizing Return Distributions with Distributional Dynamic
 * Programming, 2025, arXiv 2501.13028). There a state is augmented by a stock c, what was collected so far, and a
 * utility of the final stock is maximised. An image has all its rewards at once, so that of a stock only its beginning
 * c0 is left: with x the weighted sum of the rewards the advantage is asked about
 *
 * <pre>
 * u(c0 + x),    u(y) = y | min(y, target) | -|y - target| | -exp(-y / tau)
 *               identity    cap              target          exponential
 * </pre>
 *
 * {@code cap} does not ask for more than enough, {@code target} wants a value and not a large one, {@code exponential}
 * is averse to risk: it is better that no reward is very low. The credits {@code u(c_j + w_j r_j) - u(c_j)} of the
 * rewards in their order add up to u(c0 + x) - u(c0), so that a single advantage of all knows them.
 */
public final class Utility implements RewardCombination {

    /** u. */
    public enum Kind {
        IDENTITY,
        CAP,
        TARGET,
        EXPONENTIAL
    }

    /**
     * The utility.
     *
     * @param kind u
     * @param target of {@code cap} and {@code target}, in units of the weighted sum
     * @param tau of {@code exponential}, in these units, above 0
     * @param stock c0, in these units
     */
    public record Config(Kind kind, double target, double tau, double stock) {
        /** Checks the range. */
        public Config {
            if (!(tau > 0)) {
                throw new IllegalArgumentException("tau must be above 0");
            }
        }
    }

    private final Config config;

    public Utility(Config config) {
        this.config = config;
    }

    @Override
    public Advantages advantages(Scored scored, Advantage advantage) {
        double[] utilities = Arrays.stream(WeightedSum.total(scored.rewards()))
                .map(x -> utility(config.stock + x))
                .toArray();
        return advantage.advantages(scored.groups(), utilities, scored.rollouts());
    }

    @Override
    public double[] range(double[] range) {
        double low = utility(config.stock + range[0]);
        double high = utility(config.stock + range[1]);
        boolean inside = config.stock + range[0] <= config.target && config.target <= config.stock + range[1];
        double top = config.kind == Kind.TARGET && inside ? 0 : Math.max(low, high);
        return new double[] {Math.min(low, high), top};
    }

    /** u; NaN of NaN. */
    double utility(double y) {
        return switch (config.kind) {
            case IDENTITY -> y;
            case CAP -> Math.min(y, config.target);
            case TARGET -> -Math.abs(y - config.target);
            case EXPONENTIAL -> -Math.exp(-y / config.tau);
        };
    }
}
