package org.imagerl.ctrl.classifier;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.ctrl.control.Control;
import org.imagerl.ctrl.control.ControlScale;
import org.imagerl.spi.Context;
import org.imagerl.spi.Features;
import org.imagerl.spi.FormerName;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.spi.reward.DifferentiableReward;
import org.imagerl.spi.reward.Rewards;
import org.imagerl.toolkit.tensor.Devices;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.ImageTensors;
import org.jspecify.annotations.Nullable;

/** log p(y | x), nats: the log-likelihood of the classes in the prompt's fields by a classifier, summed over its controls. */
public final class LikelihoodReward implements DifferentiableReward {

    /**
     * The settings of the reward.
     *
     * @param classifier the folder of a trained classifier, relative to the configuration
     * @param timesGamma whether a score is multiplied by the {@code control_strength} of its prompt, 1 where it says none: then a model
     *     that is conditioned on its gamma is trained towards it
     */
    public record Config(
            String classifier, @FormerName("times_strength") boolean timesGamma) {

        /** The defaults; {@code classifier} has none and is required. */
        @SuppressWarnings("NullAway") // what has no default
        public static Config defaults() {
            return new Config(null, false);
        }
    }

    private final Config config;
    private final ClassifierFolder folder;
    private final NDManager manager;
    private final Classifier classifier;
    private final @Nullable Features features;

    /** Loads the classifier. */
    public LikelihoodReward(Config config, Context context) {
        this.config = config;
        folder = ClassifierFolder.read(context.folder().resolve(config.classifier()));
        Device device = Devices.choose(context.device(), context.warnings());
        Backbone.Frozen frozen = folder.frozen();
        features = frozen == null ? null : FrozenFeatures.open(folder, frozen, context);
        manager = NDManager.newBaseManager(device, "PyTorch");
        try {
            classifier = Gradients.off(() -> Classifier.load(folder, manager, Map.of()));
        } catch (RuntimeException e) {
            manager.close();
            if (features != null) {
                features.close();
            }
            throw e;
        }
    }

    @Override
    public Spec spec() {
        return new Spec(Scope.POINTWISE, Double.NEGATIVE_INFINITY, 0, true, "nats");
    }

    @Override
    public List<Path> files() {
        List<Path> files = new ArrayList<>(List.of(folder.path().resolve(ClassifierFolder.MANIFEST), folder.weights()));
        if (features != null) {
            files.addAll(features.files());
        }
        return files;
    }

    @Override
    public Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        folder.controls()
                .forEach(control -> facts.put(
                        "control " + control.name(),
                        control.classes() + " classes, temperature " + folder.temperature(control)));
        facts.put("images", folder.width() + " x " + folder.height());
        if (features != null) {
            features.facts().forEach((name, fact) -> facts.put("features " + name, fact));
        }
        return facts;
    }

    @Override
    public void check(Prompt prompt) {
        folder.controls().forEach(control -> control.required(prompt));
        gamma(prompt);
    }

    /**
     * The weight is gamma, times that of the prompt, on which the model is conditioned: weights that would be no gamma, or another one than
     * the prompt's, are refused.
     */
    @Override
    public void checkTrained(Prompt prompt, double weight, boolean ranked) {
        if (ranked) {
            throw UserException.input(
                    "rank: true trains on ranks, of which the weight is no gamma: they say nothing of how"
                            + " likely a class is; leave rank out");
        }
        if (!(weight > 0)) {
            throw UserException.input(
                    "the weight is gamma and must be above 0, not " + weight + ": a negative one leads away"
                            + " from the class; what is only to be watched belongs under evaluation_rewards");
        }
        if (ControlScale.of(prompt).isPresent()) {
            checkTold(prompt, weight);
        }
    }

    private void checkTold(Prompt prompt, double weight) {
        String said = "prompt " + prompt.id() + " says " + Control.STRENGTH + " "
                + prompt.metadata().get(Control.STRENGTH);
        if (!config.timesGamma()) {
            throw UserException.input(
                    said + ", but the score is not multiplied by it, so that the model would learn that"
                            + " the gamma of a prompt means nothing; give the reward times_gamma: true, or train without gammas");
        }
        if (weight != 1) {
            throw UserException.input(
                    said + ", but the weight " + weight + " multiplies it, so that the trained gamma"
                            + " would differ from the prompt's gamma; make the weight 1, and choose the gammas by augmentation.gammas or gamma_range");
        }
    }

    @Override
    public void checkSize(int width, int height) {
        Classifier.requireSize(folder, width, height);
    }

    @Override
    public void checkDifferentiable() {
        if (features != null) {
            throw UserException.input(folder.path().normalize() + ": this classifier stands on the features of a frozen"
                    + " model, which have no gradient back to the image; train a classifier with channels in the place of"
                    + " features");
        }
    }

    @Override
    public NDArray scores(NDArray images, List<Prompt> prompts) {
        double[] gammas = prompts.stream().mapToDouble(this::gamma).toArray();
        return classifier.logLikelihood(images, prompts, gammas);
    }

    private double gamma(Prompt prompt) {
        return config.timesGamma() ? ControlScale.of(prompt).orElse(1) : 1;
    }

    @Override
    public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
        return Rewards.oneByOne(images, prompts, this::score);
    }

    private Score score(RgbImage image, Prompt prompt) {
        if (image.width() != folder.width() || image.height() != folder.height()) {
            return Score.failed("the image is " + image.width() + " x " + image.height() + ", the classifier "
                    + folder.path() + " is for " + folder.width() + " x " + folder.height());
        }
        try (NDManager scratch = manager.newSubManager()) {
            NDArray seen = seen(scratch, image);
            return score(Gradients.off(() -> classifier.all(seen).get(0)), prompt);
        } catch (NoVector e) {
            return Score.failed(String.valueOf(e.getMessage()));
        }
    }

    private Score score(Map<String, float[]> logs, Prompt prompt) {
        double sum = 0;
        Map<String, String> details = new LinkedHashMap<>();
        for (Control control : folder.controls()) {
            float[] own = logs.getOrDefault(control.name(), new float[0]);
            sum += own[control.required(prompt)];
            details.put(control.name(), Integer.toString(largest(own)));
        }
        return new Score(Math.min(0, gamma(prompt) * sum), details, null);
    }

    /** The frozen model gives no features for an image. */
    private static final class NoVector extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NoVector(UserException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private NDArray seen(NDManager scratch, RgbImage image) {
        if (features == null) {
            return ImageTensors.toTensor(scratch, List.of(image));
        }
        try {
            float[] vector = features.of(List.of(image))[0];
            return scratch.create(vector, new Shape(1, vector.length));
        } catch (UserException e) {
            throw new NoVector(e);
        }
    }

    private static int largest(float... values) {
        int best = 0;
        for (int k = 1; k < values.length; k++) {
            best = values[k] > values[best] ? k : best;
        }
        return best;
    }

    @Override
    public void close() {
        if (features != null) {
            features.close();
        }
        manager.close();
    }
}
