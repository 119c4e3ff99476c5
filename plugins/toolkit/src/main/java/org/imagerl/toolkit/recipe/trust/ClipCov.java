package org.imagerl.toolkit.recipe.trust;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.UpdateSurvey;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.recipe.QuantileTracker;
import org.imagerl.toolkit.recipe.RatioClip;

/**
 * Clip-Cov (Cui et al., The Entropy Mechanism of Reinforcement Learning for Reasoning Language Models, 2025, arXiv
 * 2505.22617, as in the published code): over all samples and steps of an update {@code cov = (A - mean A) (l - mean
 * l)}; among those that PPO does not clip and whose cov is high, some are drawn, and their loss is 0.
 *
 * <p><b>What stands for a token.</b> A pair of sample and step. The published bounds 1 and 5 belong to nats of tokens,
 * and its share of 2e-4 is below one pair of an update here: in their place are quantiles of cov, and a count. l is
 * the density of the noise of the step ({@link UpdateSurvey.Pair}), so that steps of all S compare. Before the first
 * update of an epoch l is nothing but how lucky the drawn noise was, so that cov says nothing of the policy's
 * entropy, which does not depend on the weights; the paper's claim does not carry over.
 */
public final class ClipCov implements TrustRegion {

    /**
     * Which pairs are dropped.
     *
     * @param range of PPO's clip, per element of the latent; as published 1, which lets nearly everything through
     * @param from quantile of cov from which pairs can be dropped, 0 to 1
     * @param to quantile of cov up to which, 0 to 1
     * @param count pairs that are dropped in an update; 0 is PPO
     */
    public record Config(double range, double from, double to, int count) {
        /** Checks the ranges. */
        public Config {
            if (!(range > 0)) {
                throw new IllegalArgumentException("range must be above 0");
            }
            if (!(0 <= from && from <= to && to <= 1)) {
                throw new IllegalArgumentException("0 <= from <= to <= 1 must hold");
            }
            if (count < 0) {
                throw new IllegalArgumentException("count must be at least 0");
            }
        }
    }

    private final Config config;

    public ClipCov(Config config) {
        this.config = config;
    }

    @Override
    public Survey survey() {
        return this::marks;
    }

    private double[] marks(List<UpdateSurvey.Pair> pairs, long seed) {
        double[] marks = new double[pairs.size()];
        Arrays.fill(marks, Double.NaN);
        if (marks.length == 0) {
            return marks;
        }
        double[] cov = Covariances.of(pairs);
        double low = QuantileTracker.quantile(cov, config.from);
        double high = QuantileTracker.quantile(cov, config.to);
        int[] eligible = IntStream.range(0, cov.length)
                .filter(i -> cov[i] > 0 && cov[i] >= low && cov[i] <= high && !isClipped(pairs.get(i)))
                .toArray();
        SplittableRandom random = new RandomStreams(seed).stream("clip-cov");
        for (int k = 0; k < Math.min(config.count, eligible.length); k++) {
            int drawn = k + random.nextInt(eligible.length - k);
            int place = eligible[drawn];
            eligible[drawn] = eligible[k];
            marks[place] = 1;
        }
        return marks;
    }

    private boolean isClipped(UpdateSurvey.Pair pair) {
        double ratio = Math.exp(pair.logRatio());
        return (pair.advantage() > 0 && ratio > 1 + config.range) || (pair.advantage() < 0 && ratio < 1 - config.range);
    }

    @Override
    public Surrogate surrogate(Pass pass) {
        Surrogate ppo = RatioClip.clipped(pass, config.range, config.range);
        double[] marks = Marks.of(pass);
        if (marks == null) {
            return ppo;
        }
        NDArray loss = ppo.loss();
        double[] kept = Marks.factors(marks, 0, 1);
        double dropped = Arrays.stream(kept).filter(each -> each == 0).count();
        return new Surrogate(
                loss.mul(PerSample.like(loss, kept)),
                ppo.clippedShare() + dropped / kept.length,
                ppo.aboveShare(),
                ppo.belowShare());
    }
}
