package org.imagerl.ctrl.classifier;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.imagerl.ctrl.control.Control;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * One or several trained classifiers, of different controls: their log-likelihoods add up, each times its weight. They are loaded when they are
 * needed, and stay until this is closed.
 */
public final class Classifiers implements AutoCloseable {
    private final List<ClassifierFolder> folders = new ArrayList<>();
    private final Map<String, Double> weights;
    private @Nullable Loaded loaded;

    /** The weights and the manager that owns them. */
    private record Loaded(NDManager manager, List<Classifier> classifiers) {}

    /**
     * Reads the manifests; the weights are loaded at their first use.
     *
     * @param base relative folders are relative to this
     * @param weights factors of log p(y | x) by control, above 0; 1 where none is given
     * @throws UserException if one is none or has no gradient, two are for one control, or a weight is for none
     */
    public Classifiers(Path base, List<String> paths, Map<String, Double> weights) {
        this.weights = Map.copyOf(weights);
        if (paths.isEmpty()) {
            throw UserException.input("classifiers must have at least one folder of a trained classifier");
        }
        Set<String> names = new HashSet<>();
        for (String path : paths) {
            ClassifierFolder folder = ClassifierFolder.read(base.resolve(path));
            if (folder.frozen() != null) {
                throw UserException.input("classifiers: " + folder.path().normalize()
                        + " stands on the features of a frozen model, which have no gradient back to the image; take"
                        + " the algorithm ctrl-pg with the reward {type: control-likelihood, classifier: " + path
                        + "}, or train a classifier with channels in the place of features");
            }
            for (Control control : folder.controls()) {
                if (!names.add(control.name())) {
                    throw UserException.input("classifiers: two of them are for the control " + control.name());
                }
            }
            folders.add(folder);
        }
        weights.forEach((name, weight) -> {
            control(name);
            if (!(weight > 0) || !Double.isFinite(weight)) {
                throw UserException.input("weights." + name + " must be above 0, not " + weight);
            }
        });
    }

    /** The files of the classifiers. */
    public List<Path> files() {
        return folders.stream()
                .flatMap(folder -> Stream.of(folder.path().resolve(ClassifierFolder.MANIFEST), folder.weights()))
                .filter(Files::isRegularFile)
                .toList();
    }

    /** The controls whose classes they distinguish. */
    public List<Control> controls() {
        return folders.stream().flatMap(folder -> folder.controls().stream()).toList();
    }

    /**
     * The control with a name.
     *
     * @throws UserException if there is none
     */
    public Control control(String name) {
        return Control.named(name, controls());
    }

    /** Makes sure that a prompt names a class of every control, and of no other. */
    public void check(Prompt prompt) {
        folders.forEach(folder -> folder.controls().forEach(control -> control.required(prompt)));
        Control.requireJudged(prompt, controls(), "the classifiers");
    }

    /** Makes sure that all take images of this width and height in pixels. */
    public void checkSize(int width, int height) {
        folders.forEach(folder -> Classifier.requireSize(folder, width, height));
    }

    /**
     * Log-likelihoods, differentiable in the images.
     *
     * @param images float32 {@code [B, 3, H, W]} in 0..1
     * @param prompts one per image; the classes stand in their metadata
     * @return float32 {@code [B]}, log p(y | x) in nats, of several controls the sum, weighed if they have weights
     */
    public NDArray logLikelihood(NDArray images, List<Prompt> prompts) {
        NDArray sum = null;
        for (Classifier classifier : loaded(images).classifiers) {
            NDArray own = classifier.logLikelihood(images, prompts);
            sum = sum == null ? own : sum.add(own);
        }
        return Objects.requireNonNull(sum);
    }

    private synchronized Loaded loaded(NDArray like) {
        Loaded ready = loaded;
        if (ready == null) {
            NDManager manager = NDManager.newBaseManager(like.getDevice(), "PyTorch");
            try {
                ready = new Loaded(
                        manager,
                        folders.stream()
                                .map(folder -> Classifier.load(folder, manager, weights))
                                .toList());
            } catch (RuntimeException e) {
                manager.close();
                throw e;
            }
            loaded = ready;
        }
        return ready;
    }

    /** The loaded weights; null while there are none. */
    @Nullable
    NDManager manager() {
        return loaded == null ? null : loaded.manager;
    }

    /** Frees the weights; the next use loads them again. */
    @Override
    public void close() {
        if (loaded != null) {
            loaded.manager.close();
            loaded = null;
        }
    }
}
