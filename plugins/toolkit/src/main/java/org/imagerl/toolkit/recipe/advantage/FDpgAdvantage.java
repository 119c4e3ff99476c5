package org.imagerl.toolkit.recipe.advantage;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.Objective;
import org.imagerl.spi.RolloutEvidence;
import org.imagerl.spi.State;

/**
 * f-DPG (Go et al., Aligning Language Models with Preferences through f-divergence Minimization, 2023, arXiv
 * 2302.08215, as in naver's disco): the policy is moved to the target {@code p = pi_ref exp(r / beta) / Z} by the
 * gradient of an f-divergence, {@code grad D_f(pi || p) = E_pi[f'(u) grad log pi]}, u = pi / p. So the advantage is
 *
 * <pre>
 * A_i = -f'(u_i) - baseline,     log u_i = sum_t (l_{i,t} - l_ref_{i,t}) - r_i / beta + log Z
 *
 * reverse-kl KL(pi || p)     log u + 1                forward-kl KL(p || pi)    -1 / u
 * jensen-shannon             log(2 u / (1 + u))       total-variation           sign(u - 1) / 2
 * reverse-chi2 chi2(pi || p) 2 (u - 1)                forward-chi2 chi2(p || pi) 1 - u^-2
 * </pre>
 *
 * Z is the mean of the importance weights {@code exp(r / beta) pi_ref / pi} of all samples so far, the baseline the
 * mean of -f' over the last 1024. Only the reverse KL does not depend on Z.
 *
 * <p><b>The geometry.</b> The true log-ratio of a path is D times larger (D elements of a latent) and makes u overflow;
 * l here is a mean over elements, so that the target is {@code pi_ref exp(r / beta)} for densities to the power 1 / D.
 * beta has units of the reward over these tempered nats. One update per epoch.
 */
public final class FDpgAdvantage implements RolloutAdvantage {
    private static final int WINDOW = 1024;

    /** f. */
    public enum Divergence {
        REVERSE_KL,
        FORWARD_KL,
        JENSEN_SHANNON,
        TOTAL_VARIATION,
        REVERSE_CHI2,
        FORWARD_CHI2;

        /** f'(u) of log u. */
        double slope(double logU) {
            return switch (this) {
                case REVERSE_KL -> logU + 1;
                case FORWARD_KL -> -Math.exp(-logU);
                case JENSEN_SHANNON -> Math.log(2) - Math.log1p(Math.exp(-logU));
                case TOTAL_VARIATION -> Math.signum(logU) / 2;
                case REVERSE_CHI2 -> 2 * Math.expm1(logU);
                case FORWARD_CHI2 -> -Math.expm1(-2 * logU);
            };
        }
    }

    /**
     * The target and the way to it.
     *
     * @param divergence f
     * @param beta temperature of the target, in units of the reward, above 0
     */
    public record Config(Divergence divergence, double beta) {
        /** Checks the range. */
        public Config {
            if (!(beta > 0)) {
                throw new IllegalArgumentException("beta must be above 0");
            }
        }
    }

    private final Config config;
    private double logSum = Double.NEGATIVE_INFINITY;
    private double count;
    private double[] window = {};

    public FDpgAdvantage(Config config) {
        this.config = config;
    }

    @Override
    public int minimumGroup() {
        return 1;
    }

    @Override
    public Objective.Needs needs() {
        return ReferenceRatios.NEEDS;
    }

    @Override
    public Advantages advantages(List<String> groups, double[] rewards, RolloutEvidence rollouts) {
        return Advantages.ofSamples(of(rewards, ReferenceRatios.ofPaths(rollouts)));
    }

    /** The advantages, of log-ratios per sample. */
    double[] of(double[] rewards, double... logRatios) {
        double[] logWeights = IntStream.range(0, rewards.length)
                .mapToDouble(i -> rewards[i] / config.beta - logRatios[i])
                .toArray();
        double[] known = Arrays.stream(logWeights).filter(x -> !Double.isNaN(x)).toArray();
        for (double x : known) {
            double larger = Math.max(logSum, x);
            logSum = larger + Math.log(Math.exp(logSum - larger) + Math.exp(x - larger));
            count++;
        }
        double logZ = logSum - Math.log(count);
        double[] a = Arrays.stream(logWeights)
                .map(x -> -config.divergence.slope(logZ - x))
                .toArray();
        double[] all = DoubleStream.concat(
                        Arrays.stream(window), Arrays.stream(a).filter(x -> !Double.isNaN(x)))
                .toArray();
        window = Arrays.copyOfRange(all, Math.max(0, all.length - WINDOW), all.length);
        double baseline = Arrays.stream(window).average().orElse(0);
        return Arrays.stream(a).map(x -> x - baseline).toArray();
    }

    @Override
    public State state() {
        return State.of(
                Map.of("log_sum", new double[] {logSum}, "count", new double[] {count}, "window", window.clone()));
    }

    @Override
    public void restore(State state) {
        if (!state.numbers().isEmpty()) {
            logSum = state.number("log_sum");
            count = state.number("count");
            window = state.numbers().getOrDefault("window", new double[0]).clone();
        }
    }
}
