package org.imagerl.flow.supervised;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import org.imagerl.flow.matching.CaptionDropout;
import org.imagerl.flow.matching.Draws;
import org.imagerl.flow.matching.NoisedImages;
import org.imagerl.flow.matching.Times;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.recipe.PredictionError;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * {@code sft}, supervised fine-tuning: the plain loss of pretraining on finished images,
 *
 * <pre>
 * L = mean_i w(t) mean_d (o_theta(alpha x0 + sigma eps, t) - o)^2
 * </pre>
 *
 * with o what a perfect denoiser says (Ho, Jain, Abbeel, Denoising Diffusion Probabilistic Models, 2020, arXiv 2006.11239, eq. 14; Lipman et al., Flow Matching
 * for Generative Modeling, 2022, arXiv 2210.02747, eq. 14), without guidance, and with some prompts left out ({@link CaptionDropout}). The images are those of the run: {@code data: {type: demonstrations}} takes them from disk, and without
 * {@code data} they are the policy's own. Rewards and advantages have no part in it.
 */
public final class SftObjective implements Objective {

    /**
     * The settings.
     *
     * @param captionDropout share of the images whose prompt is left out, 0 to below 1
     * @param error in which form the error is measured: {@code output} is the model's own, w = 1
     * @param draws times and noises per image, each a pass of the denoiser
     * @param times where the times are from
     */
    public record Config(double captionDropout, PredictionError error, int draws, Times times) {
        /** Checks the ranges. */
        public Config {
            CaptionDropout.require(captionDropout);
            Draws.check(draws);
        }
    }

    private final Config config;

    public SftObjective(Config config) {
        this.config = config;
    }

    @Override
    public Needs needs() {
        return Needs.NONE;
    }

    @Override
    public boolean maximisesRewards() {
        return false;
    }

    @Override
    public void checkSteps(int steps) {
        config.times.check(steps);
    }

    @Override
    public int passes(Batch batch) {
        return config.draws;
    }

    @Override
    public Loss loss(Policy policy, Batch batch, int pass) {
        NoisedImages noised = NoisedImages.draw(policy, batch, config.times, pass, config.draws, batch.samples());
        Batch conditioned = CaptionDropout.of(policy, batch, config.captionDropout, pass, batch.samples());
        Trajectories asked = Unguided.of(conditioned.trajectories());
        NDArray output = policy.output(WeightSet.LIVE, noised.latents(), noised.timesteps(), asked);
        NDArray error = noised.errors(output, config.error).mean();
        double number = error.stopGradient().getDouble();
        return new Loss(Kernels.cast(error, DataType.FLOAT32), new Metrics().mean("matching_error", number));
    }
}
