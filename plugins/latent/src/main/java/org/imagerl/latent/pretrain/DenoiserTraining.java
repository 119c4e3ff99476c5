package org.imagerl.latent.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.imagerl.latent.pipeline.PipelineParts;
import org.imagerl.latent.vae.Vae;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Schedule;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.optim.Fit;
import org.imagerl.toolkit.optim.LearningRate;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;

/**
 * Fits text encoders and denoiser together with the plain denoising objective (Ho, Jain, Abbeel, Denoising Diffusion Probabilistic
 * Models, 2020, arXiv 2006.11239, eq. 14; for flow matching Lipman et al., Flow Matching for Generative Modeling, 2022, arXiv 2210.02747,
 * eq. 23): the mean squared error of the prediction at a timestep drawn per image, some images without their prompt (Ho, Salimans,
 * Classifier-Free Diffusion Guidance, 2022, arXiv 2207.12598, algorithm 1).
 */
final class DenoiserTraining implements AutoCloseable {
    private static final String STAGE = "denoiser";

    private final PretrainPlan plan;
    private final NewCheckpoint checkpoint;
    private final PipelineParts parts;
    private final Schedule schedule;
    private final TrainingData data;
    private final NDManager manager;
    private final Fit fit;

    DenoiserTraining(
            PretrainPlan plan, NewCheckpoint checkpoint, PipelineParts parts, TrainingData data, NDManager manager) {
        this.plan = plan;
        this.checkpoint = checkpoint;
        this.parts = parts;
        this.data = data;
        this.manager = manager;
        int scale = plan.downscale();
        this.schedule = parts.schedule()
                .of(new long[] {parts.denoiser().channels(), plan.height() / scale, plan.width() / scale});
        PretrainPlan.DenoiserFit config = plan.denoiser();
        LearningRate rate = new LearningRate(
                config.learningRate(), LearningRate.Shape.COSINE, VaeTraining.WARMUP_STEPS, config.steps());
        List<ParameterStore> trained = new ArrayList<>(parts.encoder().networks());
        trained.add(parts.denoiser().network());
        fit = new Fit(
                rate,
                VaeTraining.ADAMW,
                config.emaDecay(),
                VaeTraining.trainable(trained.toArray(ParameterStore[]::new)),
                manager);
    }

    Fit fit() {
        return fit;
    }

    /** One update; returns the loss. */
    double step() {
        long step = fit.steps();
        try (NDManager scope = manager.newSubManager()) {
            List<ImageSource.Captioned> batch =
                    data.batch(STAGE, step, plan.denoiser().batch());
            SplittableRandom choices = data.choices(STAGE, step);
            List<String> prompts = prompts(batch, choices);
            NDArray clean = Gradients.off(() -> Scope.of(() -> latents(scope, batch)));
            NDArray noise = data.noise(scope, STAGE, step, clean.getShape());
            return fit.step(() -> loss(prompts, clean, noise, choices));
        }
    }

    private NDArray latents(NDManager scope, List<ImageSource.Captioned> batch) {
        Vae vae = parts.vae().model();
        return vae.toDenoiser(vae.encode(TrainingData.pixels(scope, batch)).mean());
    }

    private List<String> prompts(List<ImageSource.Captioned> batch, SplittableRandom choices) {
        List<String> prompts = new ArrayList<>();
        for (ImageSource.Captioned image : batch) {
            boolean dropped = choices.nextDouble() < plan.denoiser().promptDropout();
            prompts.add(dropped ? "" : image.caption());
        }
        return prompts;
    }

    private NDArray loss(List<String> prompts, NDArray clean, NDArray noise, SplittableRandom choices) {
        double[] timesteps = new double[prompts.size()];
        double[][] mix = new double[4][prompts.size()];
        for (int i = 0; i < timesteps.length; i++) {
            timesteps[i] = checkpoint.timestep(schedule, choices);
            AlphaSigma noising = schedule.at(timesteps[i]);
            mix[0][i] = noising.alpha();
            mix[1][i] = noising.sigma();
            mix[2][i] = noising.onX0();
            mix[3][i] = noising.onEps();
        }
        NDArray noisy = PerSample.mixed(clean, mix[0], noise, mix[1]);
        NDArray target = PerSample.mixed(clean, mix[2], noise, mix[3]);
        ImageSize size = new ImageSize(plan.width(), plan.height());
        Map<String, NDArray> text = parts.encoder().encode(clean.getManager(), prompts, false, size);
        NDArray error = parts.denoiser().denoise(noisy, timesteps, text).sub(target);
        return error.mul(error).mean();
    }

    @Override
    public void close() {
        fit.close();
    }
}
