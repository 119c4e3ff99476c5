package org.imagerl.flow.nft;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.Set;
import org.imagerl.flow.matching.Draws;
import org.imagerl.flow.matching.MatchingObjective;
import org.imagerl.flow.matching.NoisedImages;
import org.imagerl.flow.matching.ReferencePenalty;
import org.imagerl.flow.matching.RewardShare;
import org.imagerl.flow.matching.Times;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Policy;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.recipe.PredictionError;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * DiffusionNFT (Zheng, Chen et al., DiffusionNFT: Online Diffusion Reinforcement with Forward Process, 2025, arXiv 2509.16117, algorithm 1; as in
 * {@code scripts/train_nft_sd3.py} of the published code). Finished images x0 are made noisy again, and good ones pull a positive policy to them, bad ones a
 * negative policy; both are made of the live and the behaviour policy ({@link ImplicitPolicies}). Neither densities nor transitions are needed, so any sampler
 * may make the images.
 *
 * <pre>
 * L = mean_i c [r_i e+_i + (1 - r_i) e-_i] / beta + kappa mean_i mean_d (v - v_ref)^2
 * </pre>
 *
 * <p>The errors are those of the predicted clean latents, which every family predicts alike; the penalty compares velocities. In the published
 * configurations the behaviour policy is a slow average: {@code sampled_by: ema}. With {@code sampled_by: live} it is a copy of the weights before the
 * updates of the epoch.
 */
public final class NftObjective implements MatchingObjective {

    /**
     * The settings.
     *
     * @param beta how far the implicit policies are from the behaviour policy, above 0
     * @param advantageLimit c: an advantage of c is a good image for sure, one of -c a bad one for sure; above 0
     * @param referenceCoefficient kappa, the strength of the penalty to the reference weights; 0 is none
     * @param draws times and noises per sample, each a pass of the denoiser
     * @param times where the times are from
     */
    public record Config(double beta, double advantageLimit, double referenceCoefficient, int draws, Times times) {
        /** Checks the ranges. */
        public Config {
            if (!(beta > 0)) {
                throw new IllegalArgumentException("beta must be above 0");
            }
            if (!(advantageLimit > 0)) {
                throw new IllegalArgumentException("advantage_limit must be above 0");
            }
            ReferencePenalty.check(referenceCoefficient);
            Draws.check(draws);
        }
    }

    private final Config config;
    private final ReferencePenalty penalty;

    public NftObjective(Config config) {
        this.config = config;
        this.penalty = new ReferencePenalty(config.referenceCoefficient);
    }

    @Override
    public Needs needs() {
        return new Needs(false, false, Set.of(WeightSet.BEHAVIOUR)).and(penalty.needs());
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
        ImplicitPolicies policies =
                ImplicitPolicies.of(noised.cleanError(live), noised.cleanError(behaviour), config.beta);
        double[] optimality = RewardShare.of(batch.advantages().samples(), config.advantageLimit);
        NDArray loss = Kernels.scale(policies.loss(optimality, config.beta).mean(), config.advantageLimit);
        Metrics metrics = metrics(policies, noised, live, behaviour).mean("optimality", mean(optimality));
        return new Loss(
                penalty.added(loss, noised, live, policy, batch, ReferencePenalty.equal(optimality.length), metrics),
                metrics);
    }

    private static Metrics metrics(ImplicitPolicies policies, NoisedImages noised, NDArray live, NDArray behaviour) {
        return new Metrics()
                .mean("matching_error", number(noised.errors(live.stopGradient(), PredictionError.VELOCITY)))
                .mean("behaviour_distance", number(noised.distances(live.stopGradient(), behaviour)))
                .mean("positive_error", number(policies.positive()))
                .mean("negative_error", number(policies.negative()));
    }

    private static double number(NDArray perSample) {
        return perSample.stopGradient().mean().getDouble();
    }

    private static double mean(double... values) {
        return Arrays.stream(values).average().orElse(Double.NaN);
    }
}
