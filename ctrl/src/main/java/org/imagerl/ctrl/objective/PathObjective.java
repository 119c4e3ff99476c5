package org.imagerl.ctrl.objective;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.imagerl.ctrl.classifier.Classifiers;
import org.imagerl.ctrl.control.ControlScale;
import org.imagerl.ctrl.path.PathGradient;
import org.imagerl.ctrl.path.Truncation;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Context;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;

/** {@code ctrl}: see {@link PathGradient}. The rewards of a run are watched, not trained on. */
public final class PathObjective implements Objective {

    /**
     * The settings of the objective.
     *
     * @param classifiers folders of trained classifiers, of different controls
     * @param weights factors of gamma by control, above 0; 1 where none is given
     * @param gamma of prompts that say no {@code control_strength}, above 0: 1 is Bayes' rule
     * @param truncation through which steps gradients flow
     */
    public record Config(List<String> classifiers, Map<String, Double> weights, double gamma, Truncation truncation) {
        /** Checks the range. */
        public Config {
            if (!(gamma > 0) || !Double.isFinite(gamma)) {
                throw new IllegalArgumentException("gamma must be above 0");
            }
        }

        /** Bayes' rule, published truncation; classifiers are required. */
        @SuppressWarnings("NullAway") // what has no default
        public static Config defaults() {
            return new Config(null, Map.of(), 1, new Truncation.Fresh());
        }
    }

    private final Config config;
    private final Classifiers classifiers;

    /** Reads the manifests of the classifiers, not their weights. */
    public PathObjective(Config config, Context context) {
        this.config = config;
        this.classifiers = new Classifiers(context.folder(), config.classifiers(), config.weights());
    }

    @Override
    public Needs needs() {
        return new Needs(true, true, Set.of(WeightSet.REFERENCE), true);
    }

    @Override
    public boolean maximisesRewards() {
        return false;
    }

    @Override
    public void check(Prompt prompt) {
        classifiers.check(prompt);
        gamma(prompt);
    }

    @Override
    public void checkSize(int width, int height) {
        classifiers.checkSize(width, height);
    }

    @Override
    public List<Path> files() {
        return classifiers.files();
    }

    private double gamma(Prompt prompt) {
        return ControlScale.of(prompt).orElse(config.gamma());
    }

    @Override
    public Metrics backward(Policy policy, Batch batch, double weight) {
        return Metrics.means(PathGradient.add(classifiers, this::gamma, config.truncation(), policy, batch, weight));
    }

    @Override
    public void close() {
        classifiers.close();
    }
}
