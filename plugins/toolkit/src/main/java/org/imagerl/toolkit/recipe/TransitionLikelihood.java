package org.imagerl.toolkit.recipe;

import ai.djl.ndarray.NDArray;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * The Gaussian density of each sampled step (Black et al., Training Diffusion Models with Reinforcement Learning, 2023, arXiv
 * 2305.13301, section 4.3), as the published code takes it: the mean over the latent's elements, not the sum,
 *
 * <pre>
 * log p(x' | x) = mean_d[-(x' - mu_theta(x))^2 / (2 S^2)] - ln S - ln(2 pi) / 2
 * </pre>
 *
 * so that the ratio is the D-th root of the true one, D the number of elements. The sampled x' is a constant: the gradient flows
 * through the mean alone.
 */
public final class TransitionLikelihood implements Likelihood {

    @Override
    public boolean needsDensity() {
        return true;
    }

    @Override
    public int passes(Batch batch) {
        return batch.trainedSteps().length;
    }

    @Override
    public Evaluation evaluate(Policy policy, Batch batch, int pass) {
        int step = batch.trainedSteps()[pass];
        Trajectories trajectories = batch.trajectories();
        double std = trajectories.chain().std(step);
        NDArray mean = policy.mean(WeightSet.CURRENT, step, trajectories);
        NDArray logDensity = logDensity(trajectories.state(step + 1), mean, std);
        return new Evaluation(logDensity, trajectories.logDensity(step), new Transition(step, mean, std));
    }

    /**
     * The density that rollout and training both use.
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
