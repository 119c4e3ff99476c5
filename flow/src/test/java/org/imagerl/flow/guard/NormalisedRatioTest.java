package org.imagerl.flow.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.UserException;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.recipe.TransitionLikelihood;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** GRPO-Guard's ratio by itself: transitions with given means and noise. */
class NormalisedRatioTest {
    private static final Shape LATENTS = new Shape(4, 2, 8, 8);
    private static final int ELEMENTS = 128;

    private final NDManager manager = NDManager.newBaseManager(null, "PyTorch");

    @AfterEach
    void close() {
        manager.close();
    }

    private NDArray normal(long seed, Shape shape, double std) {
        return Kernels.scale(Kernels.randn(manager, seed, shape), std);
    }

    private static Likelihood.Evaluation evaluation(NDArray oldMean, NDArray mean, NDArray z, double std) {
        NDArray next = Kernels.combine(oldMean, 1, z, std);
        NDArray noise = TransitionLikelihood.noise(next, oldMean, std);
        return new Likelihood.Evaluation(
                TransitionLikelihood.logDensity(next, mean, std),
                TransitionLikelihood.logDensity(next, oldMean, std),
                new Likelihood.Prediction(mean, new double[0], mean),
                new Likelihood.Transition(0, mean, std, next, noise),
                new Metrics());
    }

    private static float[] logRatio(Likelihood.Evaluation evaluation) {
        return Gradients.off(() -> new NormalisedRatio().logRatio(evaluation)).toFloatArray();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.006, 0.2, 3})
    void itIsTheMeanProductOfTheMovesAndTheNoise(double std) {
        NDArray oldMean = normal(1, LATENTS, 1);
        NDArray z = normal(2, LATENTS, 1);
        NDArray move = normal(3, LATENTS, 0.01);
        Likelihood.Evaluation evaluation = evaluation(oldMean, oldMean.add(move), z, std);
        float[] expected = Kernels.meanPerSample(move.mul(z)).toFloatArray();
        assertThat(logRatio(evaluation)).containsExactly(expected, within(1e-6f));
        // And so S times what is left of the plain ratio without its negative expectation; densities near ln D lose
        // digits in float32.
        float[] plain = evaluation.logDensity().sub(evaluation.oldLogDensity()).toFloatArray();
        float[] squares = Kernels.meanPerSample(move.mul(move)).toFloatArray();
        for (int i = 0; i < plain.length; i++) {
            double corrected = std * (plain[i] + squares[i] / (2 * std * std));
            assertThat(corrected).isCloseTo(expected[i], within(1e-6 + 2e-6 * std));
        }
    }

    @Test
    void nothingMovedIsARatioOfOneToTheBit() {
        NDArray mean = normal(1, LATENTS, 1);
        assertThat(logRatio(evaluation(mean, mean, normal(2, LATENTS, 1), 0.37)))
                .containsOnly(0f);
    }

    @Test
    void theStdOfTheStepDoesNotMatter() {
        NDArray oldMean = normal(1, LATENTS, 1);
        NDArray mean = oldMean.add(normal(3, LATENTS, 0.01));
        NDArray z = normal(2, LATENTS, 1);
        assertThat(logRatio(evaluation(oldMean, mean, z, 0.1)))
                .containsExactly(logRatio(evaluation(oldMean, mean, z, 2)), within(1e-6f));
    }

    /** Over noise the plain log-ratio has a mean below zero, the normalised one has not. */
    @Test
    void itsExpectationIsZeroWhereThatOfThePlainOneIsNot() {
        Shape many = new Shape(4000, 2, 8, 8);
        double std = 0.2;
        NDArray oldMean = normal(1, many, 1);
        NDArray mean = Kernels.shift(oldMean, 0.05);
        Likelihood.Evaluation evaluation = evaluation(oldMean, mean, normal(2, many, 1), std);
        double plain =
                evaluation.logDensity().sub(evaluation.oldLogDensity()).mean().getFloat();
        assertThat(plain).isCloseTo(-0.05 * 0.05 / (2 * std * std), within(0.002));
        double sum = 0;
        for (float value : logRatio(evaluation)) {
            sum += value;
        }
        double standardError = 0.05 / Math.sqrt(ELEMENTS) / Math.sqrt(4000);
        assertThat(sum / 4000).isCloseTo(0, within(4 * standardError));
    }

    @Test
    void withoutNoiseItSaysWhy() {
        NDArray x = normal(1, LATENTS, 1);
        Likelihood.Evaluation none =
                new Likelihood.Evaluation(x, x, new Likelihood.Prediction(x, new double[0], x), null, new Metrics());
        assertThatThrownBy(() -> new NormalisedRatio().logRatio(none))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("normalised");
    }
}
