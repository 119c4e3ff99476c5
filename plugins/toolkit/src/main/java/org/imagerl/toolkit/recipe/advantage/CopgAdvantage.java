package org.imagerl.toolkit.recipe.advantage;

import java.util.Arrays;
import java.util.List;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.Objective;
import org.imagerl.spi.RolloutEvidence;

/**
 * Contrastive policy gradient (Flet-Berliac et al., Contrastive Policy Gradient: Aligning LLMs on sequence-level scores
 * in a supervised-friendly fashion, 2024, arXiv 2406.19185). With the reward shaped by the path's log-ratio to the
 * reference weights
 *
 * <pre>
 * R_i = r_i - b mean_t (l_{i,t} - l_ref_{i,t})
 * L   = sum_{i &gt; j} (R_i - R_j)^2 / (K - 1)      over the pairs of a prompt
 * dL/dtheta = -w_i d(mean_t l_{i,t}),     w_i = 2 b (R_i - mean_{j != i} R_j)
 * </pre>
 *
 * The w_i are the advantages here: on-policy the gradient of CoPG is 2 b times that of a leave-one-out policy gradient
 * of R. l is a mean over the elements of the latents, so that b is per element. The published default of beta is
 * <i>unconfirmed</i>.
 *
 * <p>Where it departs: the paper computes R before every update, which makes the loss right for any sampling
 * distribution. Here R is of the rollout's weights, so that it goes with one update per epoch
 * ({@code ratio: score-function}), or with {@code importance} as a correction of another kind.
 */
public final class CopgAdvantage implements RolloutAdvantage {

    /** @param beta b, per element of the latent, above 0 */
    public record Config(double beta) {
        /** Checks the range. */
        public Config {
            if (!(beta > 0)) {
                throw new IllegalArgumentException("beta must be above 0");
            }
        }
    }

    private final Config config;
    private final RlooAdvantage leaveOneOut = new RlooAdvantage();

    public CopgAdvantage(Config config) {
        this.config = config;
    }

    @Override
    public int minimumGroup() {
        return 2;
    }

    @Override
    public Objective.Needs needs() {
        return ReferenceRatios.NEEDS;
    }

    @Override
    public Advantages advantages(List<String> groups, double[] rewards, RolloutEvidence rollouts) {
        int[] steps = StepAdvantages.trained(rollouts.trajectories());
        return Advantages.ofSamples(weights(groups, rewards, ReferenceRatios.of(rollouts, steps)));
    }

    /** w, of log-ratios by sample and step. */
    double[] weights(List<String> groups, double[] rewards, double[][] logRatios) {
        double[] shaped = new double[rewards.length];
        Arrays.setAll(
                shaped,
                i -> rewards[i]
                        - config.beta * Arrays.stream(logRatios[i]).average().orElse(0));
        return Arrays.stream(leaveOneOut.advantages(groups, shaped))
                .map(a -> 2 * config.beta * a)
                .toArray();
    }
}
