package org.imagerl.diffusion.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.imagerl.diffusion.clip.ClipTextModel;
import org.imagerl.diffusion.schedule.NoiseLevel;
import org.imagerl.diffusion.schedule.NoiseSchedule;
import org.imagerl.diffusion.schedule.PredictionType;
import org.imagerl.diffusion.schedule.SchedulerConfig;
import org.imagerl.diffusion.unet.UNet;
import org.imagerl.diffusion.vae.AutoencoderKl;
import org.imagerl.hub.tokenizer.ClipTokenizer;
import org.imagerl.toolkit.nn.Network;
import org.imagerl.toolkit.optim.Fit;
import org.imagerl.toolkit.optim.LearningRate;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;

/**
 * Fits text encoder and denoiser together with the plain denoising objective (Ho, Jain, Abbeel, Denoising Diffusion Probabilistic
 * Models, 2020, arXiv 2006.11239, eq. 14): the mean squared error of the prediction at a timestep drawn uniformly per picture, some
 * pictures without their prompt (Ho, Salimans, Classifier-Free Diffusion Guidance, 2022, arXiv 2207.12598, algorithm 1).
 */
final class DenoiserTraining implements AutoCloseable {
    private static final String STAGE = "denoiser";

    /** The networks of a checkpoint as far as they take part. */
    record Networks(ClipTokenizer tokenizer, ClipTextModel text, UNet unet, AutoencoderKl vae) {}

    private final PretrainConfig.Unet config;
    private final Networks networks;
    private final PredictionType prediction;
    private final NoiseSchedule schedule;
    private final TrainingData data;
    private final NDManager manager;
    private final Fit fit;

    DenoiserTraining(
            PretrainConfig.Unet config,
            Networks networks,
            SchedulerConfig scheduler,
            List<Network> trained,
            TrainingData data,
            NDManager manager) {
        this.config = config;
        this.networks = networks;
        this.prediction = scheduler.predictionType();
        this.schedule = NoiseSchedule.of(scheduler);
        this.data = data;
        this.manager = manager;
        LearningRate rate = new LearningRate(
                config.learningRate(), LearningRate.Shape.COSINE, VaeTraining.WARMUP_STEPS, config.steps());
        fit = new Fit(
                rate,
                VaeTraining.ADAMW,
                config.emaDecay(),
                VaeTraining.trainable(trained.toArray(Network[]::new)),
                manager);
    }

    Fit fit() {
        return fit;
    }

    /** One update; returns the loss. */
    double step() {
        long step = fit.steps();
        try (NDManager scope = manager.newSubManager()) {
            List<PictureSource.Captioned> batch = data.batch(STAGE, step, config.batch());
            SplittableRandom choices = data.choices(STAGE, step);
            NDArray ids = tokens(scope, batch, choices);
            NDArray clean = Gradients.off(() -> Scope.of(() -> latents(scope, batch)));
            NDArray noise = data.noise(scope, STAGE, step, clean.getShape());
            return fit.step(() -> loss(ids, clean, noise, choices));
        }
    }

    private NDArray latents(NDManager scope, List<PictureSource.Captioned> batch) {
        NDArray mean = networks.vae.encode(TrainingData.pixels(scope, batch)).mean();
        return networks.vae.toDenoiser(mean);
    }

    private NDArray tokens(NDManager scope, List<PictureSource.Captioned> batch, SplittableRandom choices) {
        int length = networks.tokenizer.maxLength();
        long[] ids = new long[batch.size() * length];
        for (int i = 0; i < batch.size(); i++) {
            boolean dropped = choices.nextDouble() < config.promptDropout();
            int[] row = networks.tokenizer.encode(dropped ? "" : batch.get(i).caption());
            for (int k = 0; k < length; k++) {
                ids[i * length + k] = row[k];
            }
        }
        return scope.create(ids, new Shape(batch.size(), length)).duplicate();
    }

    private NDArray loss(NDArray ids, NDArray clean, NDArray noise, SplittableRandom choices) {
        int size = (int) clean.getShape().get(0);
        double[] timesteps = new double[size];
        float[][] factors = new float[4][size];
        for (int i = 0; i < size; i++) {
            int t = choices.nextInt(schedule.timesteps());
            NoiseLevel level = schedule.at(t);
            PredictionType.Target target = prediction.target(level);
            timesteps[i] = t;
            factors[0][i] = (float) level.alpha();
            factors[1][i] = (float) level.sigma();
            factors[2][i] = (float) target.onX0();
            factors[3][i] = (float) target.onEps();
        }
        NDArray noisy = mix(clean, factors[0], noise, factors[1]);
        NDArray target = mix(clean, factors[2], noise, factors[3]);
        NDArray text = networks.text.forward(ids).lastHiddenState();
        NDArray output = networks.unet.forward(noisy, timesteps, Map.of("encoder_hidden_states", text));
        NDArray error = output.sub(target);
        return error.mul(error).mean();
    }

    /** {@code a_i x_i + b_i y_i} per sample. */
    private static NDArray mix(NDArray x, float[] a, NDArray y, float[] b) {
        return x.mul(perSample(x, a)).add(y.mul(perSample(y, b)));
    }

    private static NDArray perSample(NDArray like, float[] values) {
        return like.getManager()
                .create(values, new Shape(values.length, 1, 1, 1))
                .duplicate();
    }

    @Override
    public void close() {
        fit.close();
    }
}
