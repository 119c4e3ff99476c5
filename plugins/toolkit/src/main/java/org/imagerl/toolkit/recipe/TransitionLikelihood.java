package org.imagerl.toolkit.recipe;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * The density of each sampled step (Black et al., Training Diffusion Models with Reinforcement Learning, 2023, arXiv
 * 2305.13301, section 4.3), as the published code takes it: the mean over the latent's elements, not the sum,
 *
 * <pre>
 * log p(x' | x) = mean_d[-(x' - mu_theta(x))^2 / (2 S^2)] - ln S - ln(2 pi) / 2
 * </pre>
 *
 * so that the ratio is the D-th root of the true one, D the number of elements. The sampled x' is a constant: the gradient flows
 * through the mean alone. That is the Gaussian; where {@code rollout.noise} is another distribution, its density stands in this place.
 */
public final class TransitionLikelihood implements Likelihood {

    /** What is called the density. */
    public enum Density {
        /** That of the noise of rollouts, the Gaussian's as above unless {@code rollout.noise} is another. */
        GAUSSIAN,
        /**
         * {@code -mean_d (x' - mu)^2} and a constant, the Gaussian's times 2 S^2: Flow-GRPO's published code takes this with CPS. Ratios are nearer to 1,
         * and clip ranges smaller.
         */
        SQUARED_DISTANCE
    }

    /** @param density what is called the density */
    public record Config(Density density) {}

    private final Config config;

    public TransitionLikelihood(Config config) {
        this.config = config;
    }

    /** With the Gaussian's density. */
    public TransitionLikelihood() {
        this(new Config(Density.GAUSSIAN));
    }

    @Override
    public boolean needsDensity() {
        return true;
    }

    @Override
    public boolean needsGaussian() {
        return config.density == Density.SQUARED_DISTANCE;
    }

    @Override
    public int passes(Batch batch) {
        return batch.trainedSteps().length;
    }

    @Override
    public Evaluation evaluate(Policy policy, Batch batch, int pass) {
        int step = batch.trainedSteps()[pass];
        Trajectories trajectories = batch.trajectories();
        double std = trajectories.kernel().std(step);
        NDArray next = trajectories.state(step + 1);
        Prediction prediction = predict(policy, step, trajectories);
        NDArray mean = trajectories.kernel().mean(step, prediction.latents(), prediction.output());
        return new Evaluation(
                scaled(GaussianNoise.of(trajectories.kernel()).logDensity(next, mean, std), std),
                scaled(trajectories.logDensity(step), std),
                prediction,
                new Transition(step, mean, std, next, trajectories.noise(step)),
                new Metrics());
    }

    private static Prediction predict(Policy policy, int step, Trajectories trajectories) {
        double[] timesteps = new double[trajectories.size()];
        Arrays.fill(timesteps, trajectories.kernel().timestep(step));
        NDArray latents = trajectories.state(step);
        NDArray output = policy.output(WeightSet.LIVE, latents, timesteps, trajectories);
        return new Prediction(latents, timesteps, output);
    }

    /** The same operation on both densities, so that equal ones stay equal to the bit. */
    private NDArray scaled(NDArray density, double std) {
        return config.density == Density.GAUSSIAN ? density : Kernels.scale(density, 2 * std * std);
    }

    /**
     * How far the next state is from a mean, in standard deviations: of the mean that it was sampled from, the noise.
     *
     * @param next float32 {@code [B, c, h, w]}
     * @param mean float32 {@code [B, c, h, w]}
     * @param std standard deviation per element, above 0
     * @return float32 {@code [B, c, h, w]}
     */
    public static NDArray noise(NDArray next, NDArray mean, double std) {
        return Kernels.scale(next.sub(mean), 1 / std);
    }

    /**
     * The Gaussian density that rollout and training both use.
     *
     * @param next float32 {@code [B, c, h, w]}, the sampled state
     * @param mean float32 {@code [B, c, h, w]}
     * @param std standard deviation per element, above 0
     * @return float32 {@code [B]}
     */
    public static NDArray logDensity(NDArray next, NDArray mean, double std) {
        if (!(std > 0)) {
            throw new IllegalArgumentException("a deterministic step has no density");
        }
        return Kernels.gaussianLogDensity(next, mean, std);
    }
}
