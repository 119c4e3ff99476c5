package org.imagerl.flow.awm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Set;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.recipe.PredictionError;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;

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
     * What is matched, and where.
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
            if (draws < 1) {
                throw new IllegalArgumentException("draws must be at least 1");
            }
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
        Question question = Gradients.off(() -> question(policy, batch, pass));
        NDArray old =
                batch.onPolicy() ? null : Gradients.off(() -> answer(policy, WeightSet.BEHAVIOUR, question, batch));
        NDArray output = policy.output(WeightSet.LIVE, question.latents, question.timesteps, batch.trajectories());
        NDArray errors = question.errors(output);
        NDArray logLikelihood = question.logLikelihood(errors, config);
        double error = errors.stopGradient().mean().getDouble();
        return new Evaluation(
                logLikelihood,
                old == null ? logLikelihood.stopGradient() : old,
                new Prediction(question.latents, question.timesteps, output),
                null,
                new Metrics().mean("matching_error", error));
    }

    private NDArray answer(Policy policy, WeightSet weights, Question question, Batch batch) {
        NDArray output = policy.output(weights, question.latents, question.timesteps, batch.trajectories());
        return question.logLikelihood(question.errors(output), config);
    }

    /**
     * What the denoiser is asked in one pass.
     *
     * @param latents x_t, float32 {@code [B, c, h, w]}
     * @param timesteps a time per sample, in the denoiser's unit
     * @param target o, float32 {@code [B, c, h, w]}
     * @param times t per sample
     * @param weights w per sample
     */
    private record Question(NDArray latents, double[] timesteps, NDArray target, double[] times, double[] weights) {

        /** e, float64 {@code [B]}. */
        NDArray errors(NDArray output) {
            NDArray difference = Kernels.cast(output.sub(target), DataType.FLOAT64);
            NDArray errors = Kernels.meanPerSample(difference.mul(difference));
            return errors.mul(PerSample.like(errors, weights));
        }

        NDArray logLikelihood(NDArray errors, Config config) {
            return config.weighting.logLikelihood(errors, times, config.power);
        }
    }

    private Question question(Policy policy, Batch batch, int pass) {
        Trajectories rollouts = batch.trajectories();
        NDArray x0 = rollouts.state(rollouts.kernel().steps());
        RandomStreams random = new RandomStreams(batch.seed());
        int size = rollouts.size();
        double[] timesteps = new double[size];
        double[][] mix = new double[4][size];
        double[] times = new double[size];
        double[] weights = new double[size];
        NDList noises = new NDList();
        for (int i = 0; i < size; i++) {
            int sample = batch.samples()[i];
            double u = random.stream("matching time", sample, pass).nextDouble();
            timesteps[i] = config.times.timestep(rollouts.kernel(), policy.schedule(), pass, config.draws, u);
            AlphaSigma noising = policy.schedule().at(timesteps[i]);
            mix[0][i] = noising.alpha();
            mix[1][i] = noising.sigma();
            mix[2][i] = noising.onX0();
            mix[3][i] = noising.onEps();
            times[i] = noising.time();
            weights[i] = config.error.weight(noising);
            noises.add(noise(x0, random.seed("matching noise", sample, pass)));
        }
        NDArray eps = NDArrays.concat(noises, 0);
        NDArray latents = PerSample.mixed(x0, mix[0], eps, mix[1]);
        NDArray target = PerSample.mixed(x0, mix[2], eps, mix[3]);
        return new Question(latents, timesteps, target, times, weights);
    }

    private static NDArray noise(NDArray x0, long seed) {
        long[] shape = x0.getShape().getShape().clone();
        shape[0] = 1;
        return Kernels.randn(x0.getManager(), seed, new Shape(shape));
    }
}
