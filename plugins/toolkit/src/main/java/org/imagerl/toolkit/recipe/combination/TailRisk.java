package org.imagerl.toolkit.recipe.combination;

import java.util.Arrays;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.State;
import org.imagerl.spi.run.RewardCombination;
import org.imagerl.toolkit.recipe.QuantileTracker;
import org.imagerl.toolkit.recipe.WeightedSum;

/**
 * Conditional value at risk (Rockafellar, Uryasev, Optimization of Conditional Value-at-Risk, 2000; as a utility of distributions in Pires et al., Optimizing Return
 * Distributions with Distributional Dynamic Programming, 2025, arXiv 2501.13028): with q the quantile of the weighted sum x of rewards at a level, the advantage is
 * asked about
 *
 * <pre>
 * x' = -max(q - x, 0) / level
 * </pre>
 *
 * so that only the worst images count, and how bad they are. A prompt whose images all lie above q has no signal. q is that of the epoch in the first one,
 * then it is tracked: all images of all prompts are one distribution.
 */
public final class TailRisk implements RewardCombination {

    /** @param level share of the images that count, 0.05 to 0.95, the levels that are tracked, or 1: all of them, which is the sum less its largest value */
    public record Config(double level) {
        /** Checks the range. */
        public Config {
            if (level != 1 && !QuantileTracker.tracks(level)) {
                throw new IllegalArgumentException("level must be 0.05 to 0.95, whose quantiles are tracked, or 1");
            }
        }
    }

    private final Config config;
    private final QuantileTracker tracker = new QuantileTracker();

    public TailRisk(Config config) {
        this.config = config;
    }

    @Override
    public Advantages advantages(Scored scored, Advantage advantage) {
        double[] x = WeightedSum.total(scored.rewards());
        double[] known = Arrays.stream(x).filter(each -> !Double.isNaN(each)).toArray();
        if (known.length > 0) {
            double q = config.level < 1 && tracker.started()
                    ? tracker.at(config.level)
                    : QuantileTracker.quantile(known, config.level);
            tracker.observe(known);
            Arrays.setAll(x, i -> Double.isNaN(x[i]) ? Double.NaN : -Math.max(q - x[i], 0) / config.level);
        }
        return advantage.advantages(scored.groups(), x, scored.rollouts());
    }

    @Override
    public double[] range(double[] range) {
        return new double[] {(range[0] - range[1]) / config.level, 0};
    }

    @Override
    public State state() {
        return tracker.state();
    }

    @Override
    public void restore(State state) {
        tracker.restore(state);
    }
}
