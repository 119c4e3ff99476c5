package org.imagerl.latent.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.latent.vae.AutoencoderKl;
import org.imagerl.latent.vae.Moments;
import org.imagerl.spi.RgbImage;
import org.imagerl.toolkit.nn.Parameter;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.optim.AdamW;
import org.imagerl.toolkit.optim.Fit;
import org.imagerl.toolkit.optim.LearningRate;
import org.imagerl.toolkit.recipe.Statistics;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.ImageTensors;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/**
 * Fits the autoencoder: mean absolute error of the pixels plus {@code klWeight} times the divergence of the latents from a standard
 * normal (Kingma, Welling, Auto-Encoding Variational Bayes, 2013, arXiv 1312.6114, eq. 10), per element.
 */
final class VaeTraining implements AutoCloseable {
    private static final String STAGE = "vae";
    private static final double EMA_DECAY = 0.99;
    static final AdamW.Settings ADAMW = new AdamW.Settings(0.9, 0.999, 1e-8, 1e-4, 1.0);
    static final int WARMUP_STEPS = 100;

    private final PretrainPlan.Vae config;
    private final AutoencoderKl vae;
    private final TrainingData data;
    private final NDManager manager;
    private final Fit fit;

    VaeTraining(
            PretrainPlan.Vae config, AutoencoderKl vae, ParameterStore network, TrainingData data, NDManager manager) {
        this.config = config;
        this.vae = vae;
        this.data = data;
        this.manager = manager;
        LearningRate rate =
                new LearningRate(config.learningRate(), LearningRate.Shape.COSINE, WARMUP_STEPS, config.steps());
        fit = new Fit(rate, ADAMW, EMA_DECAY, trainable(network), manager);
    }

    /** Makes all weights of networks trainable. */
    static SortedMap<String, NDArray> trainable(ParameterStore... networks) {
        SortedMap<String, NDArray> parameters = new TreeMap<>();
        for (ParameterStore network : networks) {
            for (Parameter parameter : network.trainable()) {
                parameter.value().setRequiresGradient(true);
                parameters.put(network.component() + "." + parameter.key(), parameter.value());
            }
        }
        return parameters;
    }

    Fit fit() {
        return fit;
    }

    /** One update; returns the loss. */
    double step() {
        long step = fit.steps();
        try (NDManager scope = manager.newSubManager()) {
            NDArray x = TrainingData.pixels(scope, data.batch(STAGE, step, config.batch()));
            return fit.step(() -> loss(x, step));
        }
    }

    private NDArray loss(NDArray x, long step) {
        Moments moments = vae.encode(x);
        NDArray noise = data.noise(x.getManager(), STAGE, step, moments.mean().getShape());
        NDArray error = vae.decode(moments.sample(noise)).sub(x).abs().mean();
        return Kernels.combine(error, 1, divergence(moments), config.klWeight());
    }

    /** {@code (mean^2 + var - 1 - log var) / 2}, averaged. */
    private static NDArray divergence(Moments moments) {
        NDArray squares = moments.mean().mul(moments.mean());
        NDArray sum = squares.add(moments.logvar().exp()).sub(moments.logvar());
        return Kernels.scale(Kernels.shift(sum, -1).mean(), 0.5);
    }

    /** What makes the standard deviation of the latents 1: the scaling factor of the checkpoint. */
    double scalingFactor() {
        double[] factor = new double[1];
        Gradients.off(() -> {
            Scope.run(() -> {
                NDArray x = TrainingData.pixels(manager, data.batch("scale", 0, 256));
                double[] latents = vae.encode(x)
                        .mean()
                        .toType(DataType.FLOAT64, false)
                        .flatten()
                        .toDoubleArray();
                factor[0] = 1 / Statistics.of(latents).std();
            });
            return factor;
        });
        return factor[0];
    }

    /** Images and their reconstructions, in turn. */
    List<RgbImage> preview(int count) {
        List<RgbImage> images = new ArrayList<>();
        Gradients.off(() -> {
            Scope.run(() -> {
                List<ImageSource.Captioned> batch = data.batch("preview", 0, count);
                NDArray x = TrainingData.pixels(manager, batch);
                NDArray again = vae.decode(vae.encode(x).mean());
                List<RgbImage> decoded = ImageTensors.fromTensor(Kernels.shift(Kernels.scale(again, 0.5), 0.5));
                for (int i = 0; i < count; i++) {
                    images.add(batch.get(i).image());
                    images.add(decoded.get(i));
                }
            });
            return images;
        });
        return images;
    }

    @Override
    public void close() {
        fit.close();
    }
}
