package org.imagerl.ctrl.path;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.toolkit.optim.AdamW;
import org.imagerl.toolkit.optim.LearningRate;
import org.imagerl.toolkit.path.PathEnd;
import org.imagerl.toolkit.path.PathGradient;
import org.imagerl.toolkit.path.PathSettings;
import org.imagerl.toolkit.path.Truncation;
import org.imagerl.toolkit.recipe.ImportanceRatio;
import org.imagerl.toolkit.recipe.KlMean;
import org.imagerl.toolkit.recipe.Recipe;
import org.imagerl.toolkit.recipe.TransitionLikelihood;
import org.imagerl.toolkit.recipe.Unclipped;
import org.imagerl.toolkit.recipe.UniformWeight;
import org.imagerl.toolkit.recipe.advantage.RlooAdvantage;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.api.Test;

/** Fine-tuning on known ground ends at p_pre(x) p(y | x)^gamma: one network, conditioned on class and strength, for all of them. */
class TiltedDensityTest {
    private static final int STEPS = 12;

    @Test
    void backPropagationThroughTheSamplerEndsAtTheTiltedDensity() {
        try (AnalyticMixture ground = new AnalyticMixture(STEPS)) {
            Tilted tilted = Tilted.of(ground);
            train(ground, 100, 6e-2, update -> throughTheSampler(ground, update));
            requireWithin(0.1, tilted);
        }
    }

    /** The divergence that a step leads to later is left out of its gradient, and the estimator is noisier: a wider bound. */
    @Test
    void theScoreFunctionFormEndsNearIt() {
        try (AnalyticMixture ground = new AnalyticMixture(STEPS)) {
            Tilted tilted = Tilted.of(ground);
            train(ground, 75, 2e-2, update -> scoreFunction(ground, update));
            requireWithin(0.15, tilted);
        }
    }

    /**
     * At the checkpoint, where the divergence has no gradient, both forms have the same mean, but the score function's varies far more. Noise over signal of
     * updates of 384 samples: n updates with gradients g have the signal mean g_i g_j (i != j) and the noise mean |g_i|^2 less the signal.
     */
    @Test
    void theScoreFunctionVariesFarMoreThanTheGradientOfThePath() {
        try (AnalyticMixture ground = new AnalyticMixture(STEPS)) {
            double[][] path = gradients(ground, update -> throughTheSampler(ground, update));
            double[][] score = gradients(ground, update -> scoreFunction(ground, update));
            assertThat(noiseOverSignal(score)).isGreaterThan(5 * noiseOverSignal(path));
            assertThat(cosine(mean(path), mean(score))).isGreaterThan(0.8);
        }
    }

    /** Of the layer that starts at zero: the gradients of the others are zero there. */
    private static double[][] gradients(AnalyticMixture ground, IntConsumer gradient) {
        double[][] gradients = new double[16][];
        NDArray weight = Objects.requireNonNull(ground.parameters.get("c"));
        AdamW.Settings settings = new AdamW.Settings(0.9, 0.99, 1e-8, 0, 0);
        try (AdamW optimiser = new AdamW(settings, ground.parameters, ground.manager)) {
            for (int update = 0; update < gradients.length; update++) {
                int now = update;
                Scope.run(() -> gradient.accept(now));
                float[] values = weight.getGradient().toFloatArray();
                gradients[update] = IntStream.range(0, values.length)
                        .mapToDouble(i -> values[i])
                        .toArray();
                optimiser.discard();
            }
        }
        return gradients;
    }

    private static double noiseOverSignal(double[]... gradients) {
        int n = gradients.length;
        double squares =
                Arrays.stream(gradients).mapToDouble(g -> dot(g, g)).average().orElseThrow();
        double[] mean = mean(gradients);
        double signal = (n * dot(mean, mean) - squares) / (n - 1);
        return (squares - signal) / signal;
    }

    private static double[] mean(double[]... gradients) {
        return IntStream.range(0, gradients[0].length)
                .mapToDouble(i -> Arrays.stream(gradients)
                        .mapToDouble(g -> g[i])
                        .average()
                        .orElseThrow())
                .toArray();
    }

    private static double cosine(double[] a, double[] b) {
        return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    }

    private static double dot(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
    }

    private static void train(AnalyticMixture ground, int updates, double peak, IntConsumer gradient) {
        AdamW.Settings settings = new AdamW.Settings(0.9, 0.99, 1e-8, 0, 10);
        LearningRate rate = new LearningRate(peak, LearningRate.Shape.COSINE, 10, updates);
        try (AdamW optimiser = new AdamW(settings, ground.parameters, ground.manager)) {
            for (int update = 0; update < updates; update++) {
                int now = update;
                Scope.run(() -> gradient.accept(now));
                assertThat(optimiser.step(rate.at(update)).skipped()).isFalse();
            }
        }
    }

    private static void requireWithin(double totalVariation, Tilted tilted) {
        for (int klass = 0; klass < 2; klass++) {
            for (double strength : Tilted.STRENGTHS) {
                tilted.requireWithin(totalVariation, AnalyticMixture.prompt(klass, strength));
            }
        }
    }

    private static void throughTheSampler(AnalyticMixture ground, int update) {
        try (NDManager owner = ground.manager.newSubManager()) {
            Trajectories path = ground.rollout(owner, Tilted.prompts(384), update);
            PathGradient.add(
                    ground::logLikelihood,
                    AnalyticMixture::strength,
                    new PathSettings(new Truncation.None(), new PathEnd.Finished(), false, 1),
                    ground,
                    AnalyticMixture.batch(path, update),
                    1);
        }
    }

    /** As the preset ctrl-pg with one update per rollout, for which nothing is clipped. */
    private static void scoreFunction(AnalyticMixture ground, int update) {
        Recipe recipe = new Recipe(
                new TransitionLikelihood(),
                new ImportanceRatio(),
                new Unclipped(),
                new UniformWeight(),
                Map.of("penalty", new KlMean(new KlMean.Config(1, null, KlMean.Variance.STEP))));
        List<Prompt> prompts = Tilted.prompts(512);
        try (NDManager owner = ground.manager.newSubManager()) {
            Trajectories path = ground.rollout(owner, prompts, update);
            int[] all = IntStream.range(0, prompts.size()).toArray();
            int[] steps = IntStream.range(0, STEPS).toArray();
            Batch batch = new Batch(path, advantages(ground, path), steps, true, update, all);
            Arrays.stream(steps)
                    .forEach(pass -> Scope.run(() -> Gradients.record(recording -> {
                        Loss loss = recipe.loss(ground, batch, pass);
                        recording.backward(Kernels.scale(loss.value(), 1.0 / STEPS));
                        return loss;
                    })));
        }
    }

    private static double[] advantages(AnalyticMixture ground, Trajectories path) {
        float[] logs = Gradients.off(() -> ground.logLikelihood(path.state(STEPS), path.prompts()))
                .toFloatArray();
        List<String> groups = path.prompts().stream()
                .map(prompt -> AnalyticMixture.klass(prompt) + " " + AnalyticMixture.strength(prompt))
                .toList();
        double[] rewards = IntStream.range(0, logs.length)
                .mapToDouble(i -> AnalyticMixture.strength(path.prompts().get(i)) * logs[i])
                .toArray();
        return new RlooAdvantage().advantages(groups, rewards);
    }
}
