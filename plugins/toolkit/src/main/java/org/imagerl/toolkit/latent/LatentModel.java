package org.imagerl.toolkit.latent;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.LatentSpace;
import org.imagerl.spi.Progress;
import org.imagerl.spi.Prompt;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.nn.TensorFiles;
import org.imagerl.toolkit.safetensors.WeightFiles;
import org.imagerl.toolkit.safetensors.WeightVariant;
import org.imagerl.toolkit.tensor.Floats;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;

/** A network on latents with its weights, and the mean and deviation of the scores that it gives. */
public final class LatentModel implements AutoCloseable {
    private static final int AT_A_TIME = 64;

    private final LatentNetwork.Size size;
    private final NDManager manager;
    private final ParameterStore weights = new ParameterStore("latent_reward");
    private final LatentNetwork network;
    private final double mean;
    private final double std;

    private LatentModel(LatentNetwork.Size size, double mean, double std, Device device) {
        this.size = size;
        this.mean = mean;
        this.std = std;
        network = new LatentNetwork(weights, size);
        manager = NDManager.newBaseManager(device, "PyTorch");
    }

    /**
     * Trains a model.
     *
     * @param shape {@code [c, h, w]} of the latents
     * @param samples to learn from, whose scores differ
     * @return the model, which the caller closes
     * @throws java.util.concurrent.CancellationException if the user stops it
     */
    public static LatentModel train(
            List<Long> shape,
            List<LatentSample> samples,
            DistillationSettings settings,
            Device device,
            Progress progress) {
        double mean =
                samples.stream().mapToDouble(LatentSample::score).average().orElse(Double.NaN);
        double squares = samples.stream()
                .mapToDouble(sample -> Math.pow(sample.score() - mean, 2))
                .average()
                .orElse(Double.NaN);
        double std = Math.sqrt(squares);
        if (!(std > 0)) {
            throw new IllegalArgumentException("scores that do not differ teach nothing");
        }
        LatentNetwork.Size size =
                settings.size(shape.stream().map(Math::toIntExact).toList());
        LatentModel model = new LatentModel(size, mean, std, device);
        try {
            model.fit(settings).run(samples, model.targets(samples), progress);
            return model;
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    /** Trains it further, in the unit that it has. */
    void train(List<LatentSample> samples, DistillationSettings settings, Progress progress) {
        fit(settings).goOn(samples, targets(samples), progress);
    }

    private LatentFit fit(DistillationSettings settings) {
        return new LatentFit(settings, size, weights, network, manager);
    }

    private double[] targets(List<LatentSample> samples) {
        return samples.stream()
                .mapToDouble(sample -> (sample.score() - mean) / std)
                .toArray();
    }

    /** Loads one from a folder. */
    static LatentModel load(LatentRewardFolder folder, Device device) {
        LatentModel model = new LatentModel(folder.size(), folder.mean(), folder.std(), device);
        try {
            WeightVariant variant = WeightVariant.only(folder.path(), LatentRewardFolder.STEM);
            try (WeightFiles files = WeightFiles.open(folder.path(), LatentRewardFolder.STEM, variant)) {
                NetworkWeights.load(model.weights, files, model.manager, DataType.FLOAT32, key -> key);
            }
            return model;
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    /** The number of its weights. */
    public long elements() {
        return weights.elements();
    }

    /**
     * Writes it into a folder, the manifest last.
     *
     * @param space whose latents it was trained on
     * @param training what is known of it, by name; {@code teacher} is the reward that it learned from
     * @param agreement with the teacher, by name
     */
    public void write(Path folder, LatentSpace space, Map<String, String> training, Map<String, Double> agreement) {
        LatentRewardFolder made =
                new LatentRewardFolder(folder, size, mean, std, space.autoencoder(), training, agreement);
        TensorFiles.save(made.weights(), tensors(), Map.of("format", "pt"));
        made.write();
    }

    /** Its weights by name. */
    Map<String, NDArray> tensors() {
        Map<String, NDArray> tensors = new TreeMap<>();
        weights.parameters().forEach(parameter -> tensors.put(parameter.key(), parameter.value()));
        return tensors;
    }

    /**
     * Scores latents, recorded for differentiation in them if gradients are on.
     *
     * @param latents float32 {@code [B, c, h, w]}
     * @param prompts one per sample
     * @return float32 {@code [B]}, in the teacher's unit
     */
    NDArray scores(NDArray latents, List<Prompt> prompts) {
        NDArray standard = network.apply(latents, prompts);
        return Kernels.shift(Kernels.scale(standard, std), mean);
    }

    /** The scores of samples, in their order. */
    public double[] scores(List<LatentSample> samples) {
        List<Float> scores = new ArrayList<>();
        for (int from = 0; from < samples.size(); from += AT_A_TIME) {
            List<LatentSample> some = samples.subList(from, Math.min(samples.size(), from + AT_A_TIME));
            try (NDManager scratch = manager.newSubManager()) {
                List<Prompt> prompts = some.stream().map(LatentSample::prompt).toList();
                NDArray own = Gradients.off(() -> scores(LatentSample.tensor(scratch, some, size), prompts));
                for (float score : Floats.of(own)) {
                    scores.add(score);
                }
            }
        }
        return scores.stream().mapToDouble(Float::doubleValue).toArray();
    }

    @Override
    public void close() {
        manager.close();
    }
}
