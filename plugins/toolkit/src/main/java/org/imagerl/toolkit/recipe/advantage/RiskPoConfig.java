package org.imagerl.toolkit.recipe.advantage;

import org.imagerl.toolkit.recipe.QuantileTracker;

/**
 * How {@link RiskPoAdvantage} scores papers.
 *
 * @param bundle prompts of a bundle, B
 * @param low level a_lo, above 0
 * @param high level a_hi, above a_lo, below 1
 * @param weight w of the lower tail, at least 0
 * @param baseline what is subtracted
 * @param quantiles where they are from
 * @param credit how a paper's advantage is divided among its rollouts
 */
public record RiskPoConfig(
        int bundle,
        double low,
        double high,
        double weight,
        Baseline baseline,
        Quantiles quantiles,
        RiskPoCredit credit) {

    /** What is subtracted. */
    public enum Baseline {
        /** The mean over the papers of the bundle. */
        MEAN,
        /** Nothing beyond q_hi: the published natural baseline. */
        QUANTILE
    }

    /** Where quantiles are from. */
    public enum Quantiles {
        BUNDLE,
        TRACKED,
        /** The mean of both. */
        MIX
    }

    /** Checks the ranges. */
    public RiskPoConfig {
        if (bundle < 1) {
            throw new IllegalArgumentException("bundle must be at least 1");
        }
        if (!(low > 0 && low < high && high < 1)) {
            throw new IllegalArgumentException("0 < low < high < 1 must hold");
        }
        if (quantiles != Quantiles.BUNDLE && !(QuantileTracker.tracks(low) && QuantileTracker.tracks(high))) {
            throw new IllegalArgumentException("quantiles tracked and mix know levels from 0.05 to 0.95; move low and"
                    + " high there, or set quantiles: bundle");
        }
        if (!(weight >= 0)) {
            throw new IllegalArgumentException("weight must be at least 0");
        }
    }
}
