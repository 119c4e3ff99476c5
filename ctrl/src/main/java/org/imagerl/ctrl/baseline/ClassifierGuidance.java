package org.imagerl.ctrl.baseline;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.ctrl.classifier.Classifiers;
import org.imagerl.ctrl.control.ClassPrompts;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.Context;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Prompt;

/**
 * Guidance by a classifier of clean images, without training: the gradient of log p(y | x0-hat) through denoiser and decoder moves every
 * step (Chung, Kim, McCann, Klasky, Ye, Diffusion Posterior Sampling for General Noisy Inverse Problems, 2022, arXiv
 * 2209.14687, with a classifier as the likelihood and a plain scale instead of the normalised one). Steps cost a
 * backward pass each.
 */
public final class ClassifierGuidance implements Augmentation {

    /**
     * The settings of the guidance.
     *
     * @param classifiers folders of trained classifiers, of different controls
     * @param weights factors of the scale by control, above 0; 1 where none is given
     * @param scale factor of the gradient; with a text guidance s the effect is s times as large
     */
    public record Config(List<String> classifiers, Map<String, Double> weights, double scale) {
        /** Checks the range. */
        public Config {
            if (!(scale > 0) || !Double.isFinite(scale)) {
                throw new IllegalArgumentException("scale must be above 0");
            }
        }

        /** Bayes' rule as far as p(y | x0-hat) is p(y | x_t); the classifiers are required. */
        @SuppressWarnings("NullAway") // what has no default
        public static Config defaults() {
            return new Config(null, Map.of(), 1);
        }
    }

    private final Config config;
    private final Classifiers classifiers;

    /** Reads the manifests of the classifiers, not their weights. */
    public ClassifierGuidance(Config config, Context context) {
        this.config = config;
        this.classifiers = new Classifiers(context.folder(), config.classifiers(), config.weights());
    }

    @Override
    public Pipeline augment(Pipeline base) {
        return new ClassifierGuidedPipeline(base, classifiers, config.scale());
    }

    @Override
    public void checkSize(int width, int height) {
        classifiers.checkSize(width, height);
    }

    /** Combines each prompt with each class. */
    @Override
    public List<Prompt> prompts(List<Prompt> prompts) {
        return ClassPrompts.each(prompts, classifiers.controls());
    }

    @Override
    public Map<String, String> asked(Prompt prompt) {
        return ClassPrompts.asked(prompt, classifiers.controls());
    }

    @Override
    public List<Path> files() {
        return classifiers.files();
    }

    @Override
    public Prompt ask(Prompt prompt, Map<String, String> wishes) {
        wishes.forEach((name, value) -> classifiers.control(name).number(value, "control"));
        return ClassPrompts.with(prompt, "", wishes);
    }
}
