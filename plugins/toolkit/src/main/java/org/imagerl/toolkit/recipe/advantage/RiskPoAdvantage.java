package org.imagerl.toolkit.recipe.advantage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.State;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.recipe.Groups;
import org.imagerl.toolkit.recipe.QuantileTracker;
import org.imagerl.toolkit.recipe.Statistics;

/**
 * Risk-based policy optimisation (Ren et al., RiskPO: Risk-based Policy Optimization via Verifiable Reward for LLM Post-Training, 2025, arXiv
 * 2510.00911, as in the published code). The prompts of an epoch are bundled in their order, B at a time; the k-th rollouts of all prompts of a
 * bundle are one paper with the score {@code s_k = sum_b r_{b,k}}. With the quantiles q_lo, q_hi of the scores at the levels a_lo, a_hi
 *
 * <pre>
 * RVaR  = (clip(s, q_lo, q_hi) - q_hi) / (a_hi - a_lo)      the middle of the distribution
 * CVaR  = -max(q_lo - s, 0) / a_lo                          its lower tail
 * A     = (w CVaR + RVaR) / (w + 1)
 * </pre>
 *
 * A bundle has a spread where each prompt's rewards are all 0 or all 1, and the weight lies on what is difficult.
 *
 * <p>Where it departs: because A is never above 0, which pushes every rollout away, the mean of the bundle's papers is subtracted unless {@code
 * baseline: quantile} keeps it as published. Bundles are consecutive prompts of the epoch. A rollout without a reward takes its paper with it.
 */
public final class RiskPoAdvantage implements Advantage {

    private final RiskPoConfig config;
    private final QuantileTracker tracker = new QuantileTracker();

    public RiskPoAdvantage(RiskPoConfig config) {
        this.config = config;
    }

    @Override
    public int minimumGroup() {
        return 2;
    }

    @Override
    public boolean needsEqualGroups() {
        return true;
    }

    @Override
    public void check(int prompts, int samples) {
        if (prompts % config.bundle() != 0) {
            throw UserException.input("riskpo bundles " + config.bundle() + " prompts, which do not divide the "
                    + prompts + " prompts of an epoch; change bundle or rollout.prompts_per_epoch");
        }
    }

    @Override
    public double[] advantages(List<String> groups, double[] rewards) {
        List<int[]> prompts = Groups.of(groups);
        double[] advantages = new double[rewards.length];
        Arrays.fill(advantages, Double.NaN);
        List<double[]> seen = new ArrayList<>();
        for (int from = 0; from < prompts.size(); from += config.bundle()) {
            List<int[]> bundle = prompts.subList(from, Math.min(prompts.size(), from + config.bundle()));
            seen.add(bundle(bundle, rewards, advantages));
        }
        double[] scores = seen.stream().flatMapToDouble(Arrays::stream).toArray();
        if (scores.length > 0) {
            tracker.observe(scores);
        }
        return advantages;
    }

    /** Gives the rollouts of a bundle their advantages; returns the scores of its papers. */
    private double[] bundle(List<int[]> prompts, double[] rewards, double[] advantages) {
        List<int[]> papers = papers(prompts, rewards);
        double[] s = papers.stream()
                .mapToDouble(paper -> Arrays.stream(Groups.pick(rewards, paper)).sum())
                .toArray();
        if (s.length == 0) {
            return s;
        }
        double low = quantile(s, config.low());
        double high = quantile(s, config.high());
        double[] a = Arrays.stream(s).map(score -> risk(score, low, high)).toArray();
        double baseline = config.baseline() == RiskPoConfig.Baseline.MEAN
                ? Statistics.of(a).mean()
                : 0;
        Statistics[] questions = prompts.stream()
                .map(prompt -> Statistics.of(Groups.pick(rewards, prompt)))
                .toArray(Statistics[]::new);
        for (int k = 0; k < a.length; k++) {
            double[] shares = config.credit().shares(Groups.pick(rewards, papers.get(k)), questions);
            for (int b = 0; b < shares.length; b++) {
                advantages[papers.get(k)[b]] = (a[k] - baseline) * shares[b];
            }
        }
        return s;
    }

    /** The k-th rollouts of all prompts, for all k for which all have a reward. */
    private static List<int[]> papers(List<int[]> prompts, double[] rewards) {
        int samples = prompts.get(0).length;
        if (prompts.stream().anyMatch(prompt -> prompt.length != samples)) {
            throw UserException.input("algorithm.advantage: riskpo needs as many images of every prompt;"
                    + " use rollout.budget constant, and a prompt sampler that gives no prompt twice");
        }
        List<int[]> papers = new ArrayList<>();
        for (int k = 0; k < samples; k++) {
            int place = k;
            int[] paper = prompts.stream().mapToInt(prompt -> prompt[place]).toArray();
            if (Arrays.stream(paper).noneMatch(i -> Double.isNaN(rewards[i]))) {
                papers.add(paper);
            }
        }
        return papers;
    }

    private double quantile(double[] scores, double level) {
        double own = QuantileTracker.quantile(scores, level);
        if (config.quantiles() == RiskPoConfig.Quantiles.BUNDLE || !tracker.started()) {
            return own;
        }
        double tracked = tracker.at(level);
        return config.quantiles() == RiskPoConfig.Quantiles.TRACKED ? tracked : (own + tracked) / 2;
    }

    private double risk(double s, double low, double high) {
        double rvar = (Math.max(low, Math.min(high, s)) - high) / (config.high() - config.low());
        double cvar = -Math.max(low - s, 0) / config.low();
        return (config.weight() * cvar + rvar) / (config.weight() + 1);
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
