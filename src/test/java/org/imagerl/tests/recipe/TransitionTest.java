package org.imagerl.tests.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Trajectories;
import org.imagerl.tests.Close;
import org.imagerl.toolkit.recipe.Recipe;
import org.imagerl.toolkit.recipe.TransitionLikelihood;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The density of sampled transitions, and training on some of them. */
class TransitionTest {
    private static final double STD = 0.05;

    /** The mean over the elements, so that the number of elements does not matter. */
    @ParameterizedTest
    @ValueSource(ints = {1, 16, 64})
    void theDensityIsAMeanOverTheElements(int side) {
        try (NDManager manager = NDManager.newBaseManager(null, "PyTorch")) {
            NDArray mean = manager.full(new Shape(2, 4, side, side), 0.5f);
            double atMean = -Math.log(STD) - Math.log(2 * Math.PI) / 2;
            assertThat(density(mean, mean)).containsExactly(new double[] {atMean, atMean}, within(1e-5));
            double delta = 0.03125;
            double lower = atMean - delta * delta / (2 * STD * STD);
            assertThat(density(mean.add((float) delta), mean))
                    .containsExactly(new double[] {lower, lower}, within(1e-5));
            assertThatThrownBy(() -> TransitionLikelihood.logDensity(mean, mean, 0))
                    .hasMessageContaining("deterministic");
        }
    }

    private static double[] density(NDArray next, NDArray mean) {
        float[] floats = Close.floats(TransitionLikelihood.logDensity(next, mean, STD));
        return IntStream.range(0, floats.length).mapToDouble(i -> floats[i]).toArray();
    }

    @Test
    void thePassesOfSomeStepsAreThoseOfTheSameStepsAmongAll() {
        try (TinyPolicy tiny = TinyPolicy.trained(TinyPolicy.ATTENTION, 1)) {
            Trajectories rollout = tiny.rollout();
            double[] advantages = {1, -2, 0.5, 0.25};
            Recipe ddpo = TinyPolicy.ddpo();
            Batch all = TinyPolicy.batch(rollout, advantages);
            Batch some = TinyPolicy.batch(rollout, new int[] {1, 3}, advantages);
            assertThat(ddpo.passes(some)).isEqualTo(2);
            for (int pass = 0; pass < 2; pass++) {
                Close.require(tiny.gradients(ddpo, some, pass), tiny.gradients(ddpo, all, 2 * pass + 1), 1e-6);
            }
        }
    }

    /** The mean over a batch is the mean of the means over its parts. */
    @Test
    void gradientsOfSingleImagesAddUpToThoseOfTheBatch() {
        try (TinyPolicy tiny = TinyPolicy.trained(TinyPolicy.WITH_TEXT, 5)) {
            Trajectories rollout = tiny.rollout();
            double[] advantages = {1, -2, 0.5, 0.25};
            Map<String, float[]> sum = new TreeMap<>();
            for (int row = 0; row < advantages.length; row++) {
                Batch alone = TinyPolicy.batch(tiny.rows(rollout, row), advantages[row]);
                tiny.gradients(TinyPolicy.ddpo(), alone, 1).forEach((name, gradient) -> add(sum, name, gradient));
            }
            Batch all = TinyPolicy.batch(rollout, advantages);
            Close.require(sum, tiny.gradients(TinyPolicy.ddpo(), all, 1), 1e-5);
        }
    }

    private static void add(Map<String, float[]> sum, String name, float[] gradient) {
        float[] total = sum.computeIfAbsent(name, key -> new float[gradient.length]);
        for (int i = 0; i < total.length; i++) {
            total[i] += gradient[i] / 4;
        }
    }
}
