package org.imagerl.toolkit.recipe.trust;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.UpdateSurvey;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.recipe.RatioClip;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * Lp-Reg (Huang et al., Low-probability Tokens Sustain Exploration in Reinforcement Learning with Verifiable Reward,
 * 2025, arXiv 2510.03222, as in the published code). Of the samples and steps of an update with a negative advantage,
 * the share with the lowest log-density l is looked at; where l is below that of a proxy policy, the loss is
 *
 * <pre>
 * -A rho + coefficient (e^(l_proxy - l) - (l_proxy - l) - 1)
 * </pre>
 *
 * in place of PPO's: they are not pushed down alone, but held to the proxy. A single one is left as it is.
 *
 * <p><b>What stands for a token.</b> A pair of sample and step. The paper's proxy is the current distribution without
 * its least likely tokens, which a Gaussian does not have; here it is the policy of other weights. A step of a low
 * density is one whose drawn noise was unlikely ({@link UpdateSurvey.Pair}), and before the first update nothing else: <b>the paper's effect must
 * not be claimed for it</b>. The clip is the published one (1 below, 9 above) for ratios of tokens; for densities per
 * element of a latent it lets nearly everything through.
 */
public final class LowProbabilityRegulariser implements TrustRegion {

    /** The proxy policy. */
    public enum Proxy {
        /** The trailing EMA weights. */
        EMA,
        /** The weights before training. */
        REFERENCE
    }

    /**
     * Which pairs are held, and how.
     *
     * @param share of the pairs with a negative advantage, 0 to 1; 0 is PPO
     * @param coefficient of the distance to the proxy, at least 0
     * @param proxy whose densities they are held to
     * @param low 1 minus the smallest ratio that is let through, above 0
     * @param high the largest ratio minus 1, above 0
     */
    public record Config(double share, double coefficient, Proxy proxy, double low, double high) {
        /** Checks the ranges. */
        public Config {
            if (!(share >= 0 && share <= 1)) {
                throw new IllegalArgumentException("share must be 0 to 1");
            }
            if (!(coefficient >= 0) || !(low > 0) || !(high > 0)) {
                throw new IllegalArgumentException("coefficient must be at least 0, low and high above 0");
            }
        }
    }

    private final Config config;

    public LowProbabilityRegulariser(Config config) {
        this.config = config;
    }

    @Override
    public Survey survey() {
        return new Survey() {
            @Override
            public WeightSet compared() {
                return config.proxy == Proxy.EMA ? WeightSet.EMA : WeightSet.REFERENCE;
            }

            @Override
            public double[] marks(List<UpdateSurvey.Pair> pairs, long seed) {
                return proxies(pairs);
            }
        };
    }

    /** {@code l_proxy - l} before the update of the pairs that are held, NaN of the others. */
    private double[] proxies(List<UpdateSurvey.Pair> pairs) {
        double[] marks = new double[pairs.size()];
        Arrays.fill(marks, Double.NaN);
        int[] worse = IntStream.range(0, marks.length)
                .filter(i -> pairs.get(i).advantage() < 0)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> pairs.get(i).logDensity())
                        .thenComparing(Comparator.naturalOrder()))
                .mapToInt(Integer::intValue)
                .toArray();
        int[] held = Arrays.stream(worse)
                .limit((long) (config.share * worse.length))
                .filter(i -> apart(pairs.get(i)) > 0)
                .toArray();
        if (held.length > 1) {
            Arrays.stream(held).forEach(i -> marks[i] = apart(pairs.get(i)));
        }
        return marks;
    }

    private static double apart(UpdateSurvey.Pair pair) {
        return pair.otherLogDensity() - pair.logDensity();
    }

    @Override
    public Surrogate surrogate(Pass pass) {
        Surrogate ppo = RatioClip.clipped(pass, config.low, config.high);
        double[] marks = Marks.of(pass);
        if (marks == null) {
            return ppo;
        }
        Likelihood.Evaluation evaluation = Objects.requireNonNull(pass.evaluation(), "there is no evaluation");
        NDArray l = evaluation.logDensity();
        double[] before =
                Arrays.stream(marks).map(mark -> Double.isNaN(mark) ? 0 : mark).toArray();
        // Within an update l has the value that the survey saw, so that the mark is the distance and l its slope.
        NDArray apart = PerSample.like(l, before).add(l.stopGradient()).sub(l);
        NDArray k3 = Kernels.expm1(apart).sub(apart);
        NDArray instead = pass.advantages().neg().mul(pass.logRatio().exp()).add(Kernels.scale(k3, config.coefficient));
        NDArray isHeld = PerSample.like(l, Marks.factors(marks, 1, 0));
        NDArray others = PerSample.like(l, Marks.factors(marks, 0, 1));
        return new Surrogate(
                ppo.loss().mul(others).add(instead.mul(isHeld)),
                ppo.clippedShare(),
                ppo.aboveShare(),
                ppo.belowShare());
    }
}
