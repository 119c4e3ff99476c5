package org.imagerl.ctrl.path;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.imagerl.spi.Prompt;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;

/** Compares the points of known ground with those of its untrained sampler, weighed by p(y | x)^gamma. */
record Tilted(AnalyticMixture ground, float[] untrained) {
    static final double[] STRENGTHS = {0.5, 1, 2};
    private static final int POINTS = 16_384;
    private static final int BINS = 5;
    private static final double EDGE = 1.5;

    /** Before training. */
    static Tilted of(AnalyticMixture ground) {
        return new Tilted(ground, points(ground, AnalyticMixture.prompt(0, 1), 7));
    }

    /** All classes and strengths in turn. */
    static List<Prompt> prompts(int count) {
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            prompts.add(AnalyticMixture.prompt(i % 2, STRENGTHS[i / 2 % 3]));
        }
        return prompts;
    }

    /**
     * Half the sum of absolute differences of 25 bins; two samples of the size of ours from one density differ by about 0.02. Asks for less than half of
     * what it was before training, too.
     */
    void requireWithin(double totalVariation, Prompt prompt) {
        double[] tilted = histogram(untrained, weights(prompt));
        double before = distance(histogram(untrained, new double[0]), tilted);
        assertThat(distance(histogram(points(ground, prompt, 8), new double[0]), tilted))
                .as("total variation; %.3f before", before)
                .isLessThan(totalVariation)
                .isLessThan(before / 2);
    }

    private static float[] points(AnalyticMixture ground, Prompt prompt, long seed) {
        try (NDManager owner = ground.manager.newSubManager()) {
            List<Prompt> prompts = Collections.nCopies(POINTS, prompt);
            float[][] points = new float[1][];
            Scope.run(() -> points[0] = ground.rollout(owner, prompts, seed)
                    .state(ground.kernel.steps())
                    .toFloatArray());
            return points[0];
        }
    }

    /** p(y | x)^gamma. */
    private double[] weights(Prompt prompt) {
        double[] weights = new double[POINTS];
        Scope.run(() -> Gradients.off(() -> {
            NDArray at = ground.manager.create(untrained);
            float[] logs = ground.logLikelihood(at, Collections.nCopies(POINTS, prompt))
                    .toFloatArray();
            for (int i = 0; i < POINTS; i++) {
                weights[i] = Math.exp(AnalyticMixture.strength(prompt) * logs[i]);
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
