package org.imagerl.flow.awm;

import ai.djl.ndarray.NDArray;
import java.util.Set;
import org.imagerl.flow.matching.Draws;
import org.imagerl.flow.matching.NoisedImages;
import org.imagerl.flow.matching.Times;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Policy;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.recipe.PredictionError;
import org.imagerl.toolkit.tensor.Gradients;

/**
 * Minus the matching loss of a finished image x0 as its log-likelihood (Xue et al., Advantage Weighted Matching, 2025, arXiv 2509.25050, eq. 12 and
 * algorithm 1). For each of several times t and noises eps per sample
 *
 * <pre>
 * x_t = alpha x0 + sigma eps,   e = w mean_d (o_theta(x_t, t) - o)^2,   l = -weighting(t, e)
 * </pre>
 *
 * with o the target of the model's own prediction and w what makes of it an error of the flow velocity ({@link PredictionError}); e in double.
 *
 * <p>The same (t, eps) serve the current, the old and all other weights. On the first update after rollouts the old likelihood is the current one, held
 * constant, so every ratio is exactly 1 and nothing is computed twice; afterwards it is that of the weights that sampled. Every sample has its own times,
 * one from each part; the published code shares them within its micro-batches of two or three.
 */
public final class MatchingLikelihood implements Likelihood {

    /**
     * The settings: which error is matched, and at which times.
     *
     * @param weighting of times and errors
     * @param power p of the weighting {@code ghuber}, above 0
     * @param draws times and noises per sample, each a pass of the denoiser
     * @param times where the times are from
     * @param error in which form it is measured
     */
    public record Config(Weighting weighting, double power, int draws, Times times, PredictionError error) {
        /** Checks the ranges. */
        public Config {
            if (!(power > 0)) {
                throw new IllegalArgumentException("power must be above 0");
            }
            Draws.check(draws);
        }
    }

    private final Config config;

    public MatchingLikelihood(Config config) {
        this.config = config;
    }

    @Override
    public boolean needsDensity() {
        return false;
    }

    @Override
    public Set<WeightSet> weights() {
        return Set.of(WeightSet.BEHAVIOUR);
    }

    @Override
    public void check(int steps) {
        config.times.check(steps);
    }

    @Override
    public int passes(Batch batch) {
        return config.draws;
    }

    @Override
    public Evaluation evaluate(Policy policy, Batch batch, int pass) {
        NoisedImages noised = NoisedImages.draw(policy, batch, config.times, pass, config.draws, batch.samples());
        NDArray old = batch.onPolicy() ? null : behaviour(policy, batch, noised);
        NDArray output = noised.output(policy, WeightSet.LIVE, batch);
        NDArray errors = noised.errors(output, config.error);
        NDArray logLikelihood = logLikelihood(noised, errors);
        double error = errors.stopGradient().mean().getDouble();
        return new Evaluation(
                logLikelihood,
                old == null ? logLikelihood.stopGradient() : old,
                new Prediction(noised.latents(), noised.timesteps(), output),
                null,
                new Metrics().mean("matching_error", error));
    }

    private NDArray behaviour(Policy policy, Batch batch, NoisedImages noised) {
        NDArray output = noised.output(policy, WeightSet.BEHAVIOUR, batch);
        return Gradients.off(() -> logLikelihood(noised, noised.errors(output, config.error)));
    }

    private NDArray logLikelihood(NoisedImages noised, NDArray errors) {
        return config.weighting.logLikelihood(errors, noised.times(), config.power);
    }
}
