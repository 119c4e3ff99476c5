package org.imagerl.toolkit.latent;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import org.imagerl.spi.Progress;
import org.imagerl.spi.Prompt;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.nn.TensorFiles;
import org.imagerl.toolkit.optim.AdamW;
import org.imagerl.toolkit.optim.Fit;
import org.imagerl.toolkit.optim.LearningRate;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.tensor.Floats;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;

/** Fits a network to scores of latents by their mean squared error, for a fixed number of passes; the same seed gives the same weights on one machine. */
final class LatentFit {
    private static final AdamW.Settings ADAMW = new AdamW.Settings(0.9, 0.999, 1e-8, 1e-2, 1);
    private static final double EMA_DECAY = 0.99;
    private static final int WARMUP_STEPS = 50;

    private final DistillationSettings settings;
    private final LatentNetwork.Size size;
    private final RandomStreams random;
    private final ParameterStore weights;
    private final LatentNetwork network;
    private final NDManager manager;

    LatentFit(
            DistillationSettings settings,
            LatentNetwork.Size size,
            ParameterStore weights,
            LatentNetwork network,
            NDManager manager) {
        this.settings = settings;
        this.size = size;
        this.random = new RandomStreams(settings.seed());
        this.weights = weights;
        this.network = network;
        this.manager = manager;
    }

    /**
     * Fills the network's weights: initial ones, then trained ones.
     *
     * @param samples to learn from
     * @param target each sample's score, standardised
     * @throws CancellationException if the user stops it
     */
    void run(List<LatentSample> samples, double[] target, Progress progress) {
        NetworkWeights.initialise(weights, manager, random);
        standardise(samples);
        goOn(samples, target, progress);
    }

    /** Trains the weights that there are. */
    void goOn(List<LatentSample> samples, double[] target, Progress progress) {
        int batches = (samples.size() + settings.batch() - 1) / settings.batch();
        long steps = (long) settings.epochs() * batches;
        LearningRate rate = new LearningRate(settings.learningRate(), LearningRate.Shape.COSINE, WARMUP_STEPS, steps);
        try (Fit fit = new Fit(rate, ADAMW, EMA_DECAY, trained(), manager)) {
            for (int epoch = 0; epoch < settings.epochs(); epoch++) {
                double sum = 0;
                int[] order = random.permutation(samples.size(), "latent order", epoch);
                for (int from = 0; from < order.length; from += settings.batch()) {
                    int[] rows = Arrays.copyOfRange(order, from, Math.min(order.length, from + settings.batch()));
                    sum += rows.length * step(fit, samples, target, rows);
                    if (progress.stopped()) {
                        throw new CancellationException("stopped by the user");
                    }
                }
                progress.update(
                        "distil",
                        epoch + 1,
                        settings.epochs(),
                        String.format(Locale.ROOT, "error %.4f of the variance", sum / order.length));
            }
            Map<String, float[]> averages = fit.averaged(this::values);
            Gradients.off(() -> {
                averages.forEach((key, values) ->
                        TensorFiles.overwrite(weights.parameter(key).value(), values));
                return averages;
            });
        }
        weights.trainable().forEach(parameter -> parameter.value().setRequiresGradient(false));
    }

    private double step(Fit fit, List<LatentSample> samples, double[] target, int... rows) {
        List<LatentSample> batch = Arrays.stream(rows).mapToObj(samples::get).toList();
        List<Prompt> prompts = batch.stream().map(LatentSample::prompt).toList();
        float[] wanted = new float[rows.length];
        for (int i = 0; i < rows.length; i++) {
            wanted[i] = (float) target[rows[i]];
        }
        try (NDManager scope = manager.newSubManager()) {
            NDArray latents = noisy(LatentSample.tensor(scope, batch, size), fit.steps());
            NDArray expected = scope.create(wanted, new Shape(rows.length)).duplicate();
            return fit.step(() -> {
                NDArray error = network.apply(latents, prompts).sub(expected);
                return error.mul(error).mean();
            });
        }
    }

    /** Latents that a policy samples are not quite those that the encoder gives. */
    private NDArray noisy(NDArray latents, long step) {
        if (settings.noise() == 0) {
            return latents;
        }
        return Gradients.off(() -> {
            NDArray noise = Kernels.randn(latents.getManager(), random.seed("latent noise", step), latents.getShape());
            return Kernels.combine(latents, 1, noise.mul(network.std()), settings.noise());
        });
    }

    private void standardise(List<LatentSample> samples) {
        int channels = size.channels();
        double[] sums = new double[channels];
        double[] squares = new double[channels];
        int each = size.height() * size.width();
        for (LatentSample sample : samples) {
            float[] latents = sample.latents();
            for (int i = 0; i < latents.length; i++) {
                sums[i / each] += latents[i];
                squares[i / each] += (double) latents[i] * latents[i];
            }
        }
        double count = (double) each * samples.size();
        float[] means = new float[channels];
        float[] stds = new float[channels];
        for (int c = 0; c < channels; c++) {
            double mean = sums[c] / count;
            double std = Math.sqrt(Math.max(0, squares[c] / count - mean * mean));
            means[c] = (float) mean;
            stds[c] = std > 1e-6 ? (float) std : 1;
        }
        Gradients.off(() -> {
            network.standardise(means, stds);
            return network;
        });
    }

    private SortedMap<String, NDArray> trained() {
        SortedMap<String, NDArray> trained = new TreeMap<>();
        weights.trainable().stream()
                .filter(parameter -> !parameter.key().startsWith(LatentNetwork.STATISTICS + "."))
                .forEach(parameter -> {
                    parameter.value().setRequiresGradient(true);
                    trained.put(parameter.key(), parameter.value());
                });
        return trained;
    }

    private Map<String, float[]> values() {
        Map<String, float[]> values = new TreeMap<>();
        weights.parameters().forEach(parameter -> values.put(parameter.key(), Floats.of(parameter.value())));
        return values;
    }
}
