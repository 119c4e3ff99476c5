package org.imagerl.toolkit.recipe.advantage;

import java.util.Arrays;
import org.imagerl.toolkit.recipe.Statistics;

/** How {@link RiskPoAdvantage} divides the advantage of a paper among its rollouts, as in RiskPO's published code. */
public enum RiskPoCredit {
    /** Each has the whole of it. */
    UNIFORM,
    /** A rollout with a reward above 0 has half of it, another one one and a half times. */
    SCORE,
    /** Divided by the sample std of the prompt's rewards, or by 1 if that is below 1e-3. */
    STD,
    /** In proportion to r - mean of the prompt; equal shares if these sum to 0. */
    SUM_MEAN;

    private static final double SMALLEST_STD = 1e-3;
    private static final double SMALLEST_SUM = 1e-6;

    /**
     * The factor of each rollout of a paper.
     *
     * @param r reward per prompt of the bundle
     * @param questions the rewards of each prompt
     */
    double[] shares(double[] r, Statistics... questions) {
        double[] shares = new double[r.length];
        switch (this) {
            case UNIFORM -> Arrays.fill(shares, 1);
            case SCORE -> Arrays.setAll(shares, b -> r[b] > 0 ? 0.5 : 1.5);
            case STD -> Arrays.setAll(shares, b -> 1 / std(questions[b]));
            case SUM_MEAN -> {
                Arrays.setAll(shares, b -> r[b] - questions[b].mean());
                double sum = Arrays.stream(shares).sum();
                Arrays.setAll(shares, b -> Math.abs(sum) > SMALLEST_SUM ? shares[b] / sum : 1.0 / r.length);
            }
        }
        return shares;
    }

    private static double std(Statistics question) {
        double n = question.count();
        double std = n < 2 ? 0 : question.std() * Math.sqrt(n / (n - 1));
        return std > SMALLEST_STD ? std : 1;
    }
}
