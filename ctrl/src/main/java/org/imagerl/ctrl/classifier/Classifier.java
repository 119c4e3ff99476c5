package org.imagerl.ctrl.classifier;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.imagerl.ctrl.control.Control;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.nn.TensorFiles;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/** A trained classifier: log p(y | x) of the classes in a prompt's fields, summed over controls, each times its weight. */
final class Classifier implements AutoCloseable {
    private final ClassifierFolder folder;
    private final NDManager manager;
    private final ClassifierNetwork network;
    private final Map<String, Double> weights;

    private Classifier(
            ClassifierFolder folder, NDManager manager, ClassifierNetwork network, Map<String, Double> weights) {
        this.folder = folder;
        this.manager = manager;
        this.network = network;
        this.weights = weights;
    }

    /**
     * Loads the weights.
     *
     * @param parent they live in a sub-manager of this
     * @param weights factors by control; 1 where none is given
     */
    static Classifier load(ClassifierFolder folder, NDManager parent, Map<String, Double> weights) {
        NDManager manager = parent.newSubManager();
        try {
            ParameterStore declared = new ParameterStore("classifier");
            ClassifierNetwork network = folder.backbone().declare(declared, folder.controls());
            requireAll(folder.weights(), declared);
            NetworkWeights.initialise(declared, manager, new RandomStreams(0));
            TensorFiles.restore(folder.weights(), tensors(declared));
            return new Classifier(folder, manager, network, weights);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** Makes sure that the file has all declared weights before memory is allocated, because a manifest can declare gigabytes. */
    private static void requireAll(Path file, ParameterStore declared) {
        long bytes = declared.shapes().values().stream()
                .mapToLong(shape -> Float.BYTES * shape.size())
                .sum();
        try {
            if (Files.size(file) < bytes) {
                throw UserException.input(file + ": has " + Files.size(file) + " bytes; " + ClassifierFolder.MANIFEST
                        + " beside it declares weights of " + bytes + "; put the files of one training together");
            }
        } catch (IOException e) {
            throw IoProblems.reading(file, e);
        }
    }

    /** The weights of a network by key. */
    static Map<String, NDArray> tensors(ParameterStore network) {
        Map<String, NDArray> tensors = new LinkedHashMap<>();
        network.parameters().forEach(parameter -> tensors.put(parameter.key(), parameter.value()));
        return tensors;
    }

    /**
     * Log-likelihoods, differentiable in the images.
     *
     * @param images float32 {@code [B, 3, H, W]} in 0..1
     * @param prompts one per image; the classes stand in their metadata
     * @return float32 {@code [B]}, log p(y | x) in nats, of several controls the sum, weighed if they have weights
     */
    NDArray logLikelihood(NDArray images, List<Prompt> prompts) {
        requireSize(folder, images.getShape().get(3), images.getShape().get(2));
        return Scope.of(() -> {
            Map<String, NDArray> logits = network.logits(images);
            NDArray sum = null;
            for (Control control : folder.controls()) {
                NDArray logs = logProbabilities(control, logits);
                NDArray chosen = logs.mul(asked(control, prompts, logs)).sum(new int[] {1});
                sum = sum == null ? chosen : sum.add(chosen);
            }
            return Objects.requireNonNull(sum);
        });
    }

    /**
     * As {@link #logLikelihood(NDArray, List)}, of images float32 {@code [B, 3, H, W]}.
     *
     * @param factors of each sample
     * @return float32 {@code [B]}, times the factor
     */
    NDArray logLikelihood(NDArray images, List<Prompt> prompts, double... factors) {
        return Scope.of(() -> {
            NDArray sum = logLikelihood(images, prompts);
            return sum.mul(PerSample.like(sum, factors));
        });
    }

    private NDArray logProbabilities(Control control, Map<String, NDArray> logits) {
        NDArray own = Objects.requireNonNull(logits.get(control.name()));
        return Kernels.scale(own, 1 / folder.temperature(control)).logSoftmax(1);
    }

    /** The control's weight where a prompt names a class, else 0. */
    private NDArray asked(Control control, List<Prompt> prompts, NDArray like) {
        float[] asked = new float[prompts.size() * control.classes()];
        float weight = weights.getOrDefault(control.name(), 1.0).floatValue();
        for (int i = 0; i < prompts.size(); i++) {
            asked[i * control.classes() + control.required(prompts.get(i))] = weight;
        }
        return like.getManager()
                .create(asked, new Shape(prompts.size(), control.classes()))
                .duplicate();
    }

    /** Makes sure that a classifier takes images of this width and height in pixels. */
    static void requireSize(ClassifierFolder folder, long width, long height) {
        if (width != folder.width() || height != folder.height()) {
            throw UserException.input(folder.path() + ": was trained on images of " + folder.width() + " x "
                    + folder.height() + ", not " + width + " x " + height
                    + "; train a classifier on images of that size, or set the width and height that are made");
        }
    }

    /**
     * The log-probabilities of all classes by control, of each image.
     *
     * @param seen images, or their vectors
     */
    List<Map<String, float[]>> all(NDArray seen) {
        List<Map<String, float[]>> all = new ArrayList<>();
        Scope.run(() -> {
            Map<String, NDArray> logits = network.logits(seen);
            for (int i = 0; i < seen.getShape().get(0); i++) {
                all.add(new LinkedHashMap<>());
            }
            for (Control control : folder.controls()) {
                float[] logs = logProbabilities(control, logits).toFloatArray();
                int n = control.classes();
                for (int i = 0; i < all.size(); i++) {
                    all.get(i).put(control.name(), Arrays.copyOfRange(logs, i * n, (i + 1) * n));
                }
            }
        });
        return all;
    }

    @Override
    public void close() {
        manager.close();
    }
}
