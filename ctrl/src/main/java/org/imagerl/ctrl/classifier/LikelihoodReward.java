package org.imagerl.ctrl.classifier;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.ctrl.control.Control;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.toolkit.tensor.Devices;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Pictures;

/** log p(y | x), nats: how likely a classifier finds the classes that the prompt asks for, summed over its controls. */
public final class LikelihoodReward implements Reward {

    /** @param classifier the folder of a trained classifier, relative to the configuration */
    public record Config(String classifier) {

        /** The classifier is required. */
        @SuppressWarnings("NullAway") // what has no default
        public static Config defaults() {
            return new Config(null);
        }
    }

    private final ClassifierFolder folder;
    private final NDManager manager;
    private final Classifier classifier;

    /** Loads the classifier. */
    public LikelihoodReward(Config config, Context context) {
        folder = ClassifierFolder.read(context.folder().resolve(config.classifier()));
        manager = NDManager.newBaseManager(Devices.choose(context.device(), context.warnings()), "PyTorch");
        try {
            classifier = Gradients.off(() -> Classifier.load(folder, manager));
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    @Override
    public Spec spec() {
        return new Spec(Scope.POINTWISE, Double.NEGATIVE_INFINITY, 0, true, "nats");
    }

    @Override
    public List<Path> files() {
        return List.of(folder.path().resolve(ClassifierFolder.MANIFEST), folder.weights());
    }

    @Override
    public Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        folder.controls()
                .forEach(control -> facts.put(
                        "control " + control.name(),
                        control.classes() + " classes, temperature " + folder.temperature(control)));
        facts.put("pictures", folder.width() + " x " + folder.height());
        return facts;
    }

    @Override
    public void check(Prompt prompt) {
        folder.controls().forEach(control -> control.required(prompt));
    }

    /** One by one: so a score is the same to the bit whatever else is scored. */
    @Override
    public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
        List<Score> scores = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            scores.add(score(images.get(i), prompts.get(i)));
        }
        return scores;
    }

    private Score score(RgbImage image, Prompt prompt) {
        if (image.width() != folder.width() || image.height() != folder.height()) {
            return Score.failed("the picture is " + image.width() + " x " + image.height() + ", the classifier "
                    + folder.path() + " is for " + folder.width() + " x " + folder.height());
        }
        double[] sum = new double[1];
        Map<String, String> details = new LinkedHashMap<>();
        try (NDManager scratch = manager.newSubManager()) {
            NDArray pixels = Pictures.toTensor(scratch, List.of(image));
            Map<String, float[]> logs =
                    Gradients.off(() -> classifier.all(pixels).get(0));
            for (Control control : folder.controls()) {
                float[] own = logs.getOrDefault(control.name(), new float[0]);
                sum[0] += own[control.required(prompt)];
                details.put(control.name(), Integer.toString(largest(own)));
            }
        }
        return new Score(Math.min(0, sum[0]), details, null);
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
        manager.close();
    }
}
