package org.imagerl.toolkit.recipe.advantage;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.Objective;
import org.imagerl.spi.RolloutEvidence;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.recipe.GroupAdvantage;

/**
 * Entropy-modulated policy gradients (Wang et al., Harnessing Uncertainty: Entropy-Modulated Policy Gradients for Long-Horizon LLM Agents, 2025,
 * arXiv 2509.09265, equations 7, 8 and 10 to 12). With an uncertainty H of each sampled step, brought to 0..1 over the epoch (H'),
 *
 * <pre>
 * g = exp(-k H') / mean exp(-k H'),     f = exp(-k' H')
 * A_{i,t} = A_i g(H_{i,t}) + zeta f(H_{i,t+1}),   then minus the mean over all (i, t)
 * </pre>
 *
 * Confident steps count more, and a step that leads to a confident one has a bonus (none at the last step). A_i is the advantage {@code group}.
 *
 * <p><b>What stands for the entropy.</b> The entropy of a Gaussian step does not depend on the weights, so it says nothing. H is our choice, {@link
 * StepSignal}: what the denoiser makes of the noise differs. The paper's claims about entropy do not carry over. One public version multiplies all
 * advantages once per segment, which is an error that is not copied.
 */
public final class EmpgAdvantage implements RolloutAdvantage {
    private static final double EPSILON = 1e-8;

    /**
     * How strongly H counts.
     *
     * @param k of g, at least 0
     * @param bonusK k' of f, at least 0
     * @param zeta of the bonus, at least 0; 0.05 in one of the code bases
     * @param signal H
     * @param group of A_i
     */
    public record Config(double k, double bonusK, double zeta, StepSignal signal, GroupAdvantage.Config group) {
        /** Checks the ranges. */
        public Config {
            if (!(k >= 0 && bonusK >= 0 && zeta >= 0)) {
                throw new IllegalArgumentException("k, bonus_k and zeta must be at least 0");
            }
        }
    }

    private final Config config;
    private final GroupAdvantage base;

    public EmpgAdvantage(Config config) {
        this.config = config;
        this.base = new GroupAdvantage(config.group);
    }

    @Override
    public int minimumGroup() {
        return base.minimumGroup();
    }

    @Override
    public Objective.Needs needs() {
        return new Objective.Needs(true, true, Set.of());
    }

    @Override
    public void check(TransitionKernel rollouts) {
        if (rollouts.clips()) {
            throw UserException.input(
                    "algorithm.advantage: empg reads what the denoiser predicted off the sampled steps, which"
                            + " this checkpoint's scheduler clips (clip_sample); use another advantage");
        }
    }

    @Override
    public Advantages advantages(List<String> groups, double[] rewards, RolloutEvidence rollouts) {
        int[] steps = StepAdvantages.trained(rollouts.trajectories());
        double[][] h = config.signal.of(groups, rollouts.trajectories(), steps);
        int all = rollouts.trajectories().kernel().steps();
        return StepAdvantages.of(modulated(base.advantages(groups, rewards), h), steps, all);
    }

    /**
     * A per sample and step.
     *
     * @param a per sample, NaN where there is none
     * @param h by sample and step
     */
    double[][] modulated(double[] a, double[][] h) {
        int[] known =
                IntStream.range(0, a.length).filter(i -> !Double.isNaN(a[i])).toArray();
        double[] numbers = StepAdvantages.flat(h, known);
        double low = Arrays.stream(numbers).min().orElse(0);
        double high = Arrays.stream(numbers).max().orElse(0);
        double mean = Arrays.stream(numbers)
                .map(each -> Math.exp(-config.k * (each - low) / (high - low + EPSILON)))
                .average()
                .orElse(1);
        double[][] modulated = new double[a.length][];
        for (int i = 0; i < a.length; i++) {
            double own = a[i];
            double[] scaled = Arrays.stream(h[i])
                    .map(each -> (each - low) / (high - low + EPSILON))
                    .toArray();
            modulated[i] = new double[scaled.length];
            Arrays.setAll(modulated[i], t -> own * Math.exp(-config.k * scaled[t]) / mean + bonus(scaled, t));
        }
        double centre =
                Arrays.stream(StepAdvantages.flat(modulated, known)).average().orElse(0);
        Arrays.stream(modulated).forEach(row -> Arrays.setAll(row, t -> row[t] - centre));
        return modulated;
    }

    private double bonus(double[] scaled, int t) {
        return t + 1 < scaled.length ? config.zeta * Math.exp(-config.bonusK * scaled[t + 1]) : 0;
    }
}
