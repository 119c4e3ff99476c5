package org.imagerl.ctrl.path;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.toolkit.optim.AdamW;
import org.imagerl.toolkit.optim.LearningRate;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Fine-tuning on known ground ends at p_pre(x) p(y | x)^gamma: one network, told class and strength, for all of them. */
class TiltedDensityTest {
    private static final int STEPS = 12;
    private static final int UPDATES = 300;
    private static final int BATCH = 384;
    private static final int POINTS = 16_384;
    private static final double[] STRENGTHS = {0.5, 1, 2};

    /** Half the sum of absolute differences of 25 bins; two samples of the size of ours from one density differ by about 0.02. */
    private static final double TOTAL_VARIATION = 0.1;

    private static final int BINS = 5;
    private static final double EDGE = 1.5;

    private static KnownGround ground;
    private static float[] untrained;

    @BeforeAll
    static void train() {
        ground = new KnownGround(STEPS);
        untrained = points(KnownGround.prompt(0, 1), 7);
        AdamW.Settings settings = new AdamW.Settings(0.9, 0.99, 1e-8, 0, 10);
        LearningRate rate = new LearningRate(5e-3, LearningRate.Shape.COSINE, 10, UPDATES);
        try (AdamW optimiser = new AdamW(settings, ground.parameters, ground.manager)) {
            for (int update = 0; update < UPDATES; update++) {
                int now = update;
                Scope.run(() -> update(now));
                assertThat(optimiser.step(rate.at(update)).skipped()).isFalse();
            }
        }
    }

    private static void update(int update) {
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
            prompts.add(KnownGround.prompt(i % 2, STRENGTHS[i / 2 % 3]));
        }
        try (NDManager owner = ground.manager.newSubManager()) {
            Trajectories path = ground.rollout(owner, prompts, update);
            PathGradient.add(
                    ground::logLikelihood,
                    KnownGround::strength,
                    new Truncation.None(),
                    ground,
                    KnownGround.batch(path, update),
                    1);
        }
    }

    @AfterAll
    static void close() {
        ground.close();
    }

    @ParameterizedTest
    @CsvSource({"0, 0.5", "0, 1", "0, 2", "1, 0.5", "1, 1", "1, 2"})
    void thePointsOfAClassAreThoseOfTheTiltedDensity(int klass, double strength) {
        Prompt prompt = KnownGround.prompt(klass, strength);
        double[] tilted = histogram(untrained, weights(untrained, prompt));
        double[] tuned = histogram(points(prompt, 8), new double[0]);
        double before = distance(histogram(untrained, new double[0]), tilted);
        assertThat(distance(tuned, tilted))
                .as("total variation; %.3f before", before)
                .isLessThan(TOTAL_VARIATION)
                .isLessThan(before / 2);
    }

    private static float[] points(Prompt prompt, long seed) {
        try (NDManager owner = ground.manager.newSubManager()) {
            List<Prompt> prompts = Collections.nCopies(POINTS, prompt);
            float[][] points = new float[1][];
            Scope.run(() -> points[0] =
                    ground.rollout(owner, prompts, seed).state(STEPS).toFloatArray());
            return points[0];
        }
    }

    /** p(y | x)^gamma. */
    private static double[] weights(float[] points, Prompt prompt) {
        double[] weights = new double[POINTS];
        Scope.run(() -> Gradients.off(() -> {
            NDArray at = ground.manager.create(points);
            float[] logs = ground.logLikelihood(at, Collections.nCopies(POINTS, prompt))
                    .toFloatArray();
            for (int i = 0; i < POINTS; i++) {
                weights[i] = Math.exp(KnownGround.strength(prompt) * logs[i]);
            }
            return at;
        }));
        return weights;
    }

    /** Shares of the bins; what lies beyond the edge counts to the outermost bins. */
    private static double[] histogram(float[] points, double[] weights) {
        double[] shares = new double[BINS * BINS];
        double sum = 0;
        for (int i = 0; i < POINTS; i++) {
            double weight = weights.length == 0 ? 1 : weights[i];
            shares[bin(points[2 * i]) * BINS + bin(points[2 * i + 1])] += weight;
            sum += weight;
        }
        for (int i = 0; i < shares.length; i++) {
            shares[i] /= sum;
        }
        return shares;
    }

    private static int bin(double x) {
        return (int) Math.max(0, Math.min(BINS - 1, Math.floor((x + EDGE) / (2 * EDGE) * BINS)));
    }

    private static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.abs(a[i] - b[i]) / 2;
        }
        return sum;
    }
}
