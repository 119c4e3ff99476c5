package org.imagerl.flow.crd;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.Set;
import org.imagerl.flow.matching.Draws;
import org.imagerl.flow.matching.MatchingObjective;
import org.imagerl.flow.matching.NoisedImages;
import org.imagerl.flow.matching.PromptGroups;
import org.imagerl.flow.matching.ReferencePenalty;
import org.imagerl.flow.matching.RelativeError;
import org.imagerl.flow.matching.RewardShare;
import org.imagerl.flow.matching.Times;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Policy;
import org.imagerl.spi.TrainingUnit;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.recipe.PredictionError;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * Centered reward distillation (Diffusion Reinforcement Learning via Centered Reward Distillation, 2026, arXiv
 * 2603.14128; as in {@code trainers/crd.py} of Flow-Factory). The implicit reward of an image is how much better the
 * live weights match it than the behaviour policy does. It is centred by its mean over the images of a prompt and
 * regressed on the advantage, which is scaled to r in 0..1 and centred in the same way.
 *
 * <pre>
 * R = e_old - e,   L = c / beta mean_i (beta R_c - r_c)^2 + kappa mean_i f_i mean_d (v - v_ref)^2
 * </pre>
 *
 * with e the squared error of the velocity, over its own size if {@code adaptive} ({@link RelativeError}), and f from
 * {@code 1e-4 / kappa} for the worst to 1 for the best images if {@code penalty_by_reward}.
 *
 * <p>Departures: the published trainer keeps two averages of the weights, one for sampling and one for e_old; here the
 * behaviour policy serves both. The reference weights of its penalty have a guidance of their own. It centres over the
 * images that its processes hold at a time; here the images are always those of a prompt.
 */
public final class CrdObjective implements MatchingObjective {
    /** The strength of the penalty for the worst images. */
    private static final double LEAST_PENALTY = 1e-4;

    /** How implicit rewards are regressed on rewards. */
    public enum Form {
        /** {@code (beta R_c - r_c)^2}. */
        SQUARED,
        /** Cross entropy of {@code sigmoid(beta R_c)} with the target {@code sigmoid(r_c)}. */
        LOGISTIC
    }

    /**
     * The settings.
     *
     * @param beta factor of the implicit rewards, above 0
     * @param form of the regression
     * @param adaptive whether errors are divided by their own size
     * @param temperature T above 0: means are weighted by {@code softmax(r / T)} and {@code softmax(-r / T)} by halves; null is plain means
     * @param advantageLimit c: advantages of -c and c are rewards of 0 and 1; above 0
     * @param referenceCoefficient kappa, the strength of the penalty to the reference weights; 0 is none
     * @param penaltyByReward whether good images are held nearer to the reference weights than bad ones
     * @param draws times and noises per sample, each a pass of the denoiser
     * @param times where the times are from
     */
    public record Config(
            double beta,
            Form form,
            boolean adaptive,
            @Nullable Double temperature,
            double advantageLimit,
            double referenceCoefficient,
            boolean penaltyByReward,
            int draws,
            Times times) {
        /** Checks the ranges. */
        public Config {
            if (!(beta > 0)) {
                throw new IllegalArgumentException("beta must be above 0");
            }
            if (temperature != null && !(temperature > 0)) {
                throw new IllegalArgumentException("temperature must be above 0");
            }
            if (!(advantageLimit > 0)) {
                throw new IllegalArgumentException("advantage_limit must be above 0");
            }
            ReferencePenalty.check(referenceCoefficient);
            Draws.check(draws);
        }
    }

    private final Config config;
    private final CenteredRewards regression;
    private final ReferencePenalty penalty;

    public CrdObjective(Config config) {
        this.config = config;
        this.regression = new CenteredRewards(config.form, config.beta, config.temperature);
        this.penalty = new ReferencePenalty(config.referenceCoefficient);
    }

    @Override
    public Needs needs() {
        return new Needs(false, false, Set.of(WeightSet.BEHAVIOUR)).and(penalty.needs());
    }

    @Override
    public TrainingUnit unit() {
        return TrainingUnit.GROUP;
    }

    /** The behaviour policy, which is not asked where an update begins with the weights that sampled, and the penalty. */
    @Override
    public int furtherCalls() {
        return 1 + penalty.calls();
    }

    @Override
    public Draws draws() {
        return new Draws(config.draws, config.times);
    }

    @Override
    public Loss loss(Policy policy, Batch batch, NoisedImages noised) {
        NDArray live = noised.output(policy, WeightSet.LIVE, batch);
        NDArray behaviour = noised.behaviour(policy, batch, live);
        double[] rewards = RewardShare.of(batch.advantages().samples(), config.advantageLimit);
        NDArray implicit = error(noised, behaviour).sub(error(noised, live));
        NDArray loss = Kernels.scale(
                regression.loss(implicit, rewards, PromptGroups.of(batch)).mean(), config.advantageLimit / config.beta);
        Metrics metrics = new Metrics()
                .mean("matching_error", number(noised.errors(live.stopGradient(), PredictionError.VELOCITY)))
                .mean("behaviour_distance", number(noised.distances(live.stopGradient(), behaviour)))
                .mean("implicit_reward", number(implicit));
        return new Loss(penalty.added(loss, noised, live, policy, batch, strengths(rewards), metrics), metrics);
    }

    private NDArray error(NoisedImages noised, NDArray output) {
        return config.adaptive
                ? RelativeError.of(noised.velocityError(output))
                : noised.errors(output, PredictionError.VELOCITY);
    }

    private double[] strengths(double... rewards) {
        double least = config.penaltyByReward ? Math.min(1, LEAST_PENALTY / config.referenceCoefficient) : 1;
        return Arrays.stream(rewards).map(r -> least + r * (1 - least)).toArray();
    }

    private static double number(NDArray perSample) {
        return perSample.stopGradient().mean().getDouble();
    }
}
