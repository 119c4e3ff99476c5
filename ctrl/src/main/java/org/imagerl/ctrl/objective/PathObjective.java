package org.imagerl.ctrl.objective;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.imagerl.ctrl.classifier.Classifiers;
import org.imagerl.ctrl.control.ControlScale;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Context;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.path.PathEnd;
import org.imagerl.toolkit.path.PathGradient;
import org.imagerl.toolkit.path.PathSettings;
import org.imagerl.toolkit.path.Truncation;

/**
 * {@code ctrl}, the direct back-propagation of CTRL's objective (Zhao, Uehara, Scalia, Kung, Biancalani, Levine, Hajiramezanali, Adding Conditional
 * Control to Diffusion Models with Reinforcement Learning, 2024, arXiv 2406.12120, the objective of its planning form), see {@link PathGradient}: the
 * score is log p(y | x), and the divergence has the factor 1. All is in nats: the minimum over all policies is p_pre(x) p(y | x)^gamma. The rewards of a
 * run are watched, not trained on.
 *
 * <p>The published loss of the class is {@code -log(p + 1e-6)}, whose gradient fades where p is below 1e-6; here it is {@code -log p}, from
 * the logits. The published code takes the mean over the D elements instead of the sum, and weighs it against the log-likelihood: its
 * {@code loss_coeff / kl_weight} of 10 is a gamma of 10 D here.
 */
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
    private final PathSettings settings;

    /** Reads the manifests of the classifiers, not their weights. */
    public PathObjective(Config config, Context context) {
        this.config = config;
        this.classifiers = new Classifiers(context.folder(), config.classifiers(), config.weights());
        this.settings = new PathSettings(config.truncation(), new PathEnd.Finished(), false, 1);
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
    public void check(TransitionKernel rollouts) {
        settings.check(rollouts);
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
        Map<String, Double> metrics =
                PathGradient.add(classifiers::logLikelihood, this::gamma, settings, policy, batch, weight);
        metrics.put("log_likelihood", metrics.remove(PathGradient.SCORE));
        return Metrics.means(metrics);
    }

    @Override
    public void close() {
        classifiers.close();
    }
}
