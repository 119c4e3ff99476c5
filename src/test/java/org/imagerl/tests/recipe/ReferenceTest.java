package org.imagerl.tests.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.Batch;
import org.imagerl.spi.LossTerms;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.UpdateSurvey;
import org.imagerl.spi.WeightSet;
import org.imagerl.tests.Close;
import org.imagerl.tests.Paths;
import org.imagerl.toolkit.recipe.ImportanceRatio;
import org.imagerl.toolkit.recipe.KlMean;
import org.imagerl.toolkit.recipe.Recipe;
import org.imagerl.toolkit.recipe.TransitionLikelihood;
import org.imagerl.toolkit.recipe.Unclipped;
import org.imagerl.toolkit.recipe.UniformWeight;
import org.imagerl.toolkit.recipe.trust.KlCov;
import org.imagerl.toolkit.recipe.trust.LowProbabilityRegulariser;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The policy before training, which costs no second network, and the distance to it. */
class ReferenceTest {
    private static final double COEFFICIENT = 0.5;

    private static final TuningSpec.Lora CONVOLUTIONS =
            TinyPolicy.lora(List.of("unet"), List.of("conv1", "conv_in", "conv_out", "downsamplers.0.conv", "proj_in"));

    static List<TuningSpec> specs() {
        return List.of(
                TinyPolicy.ATTENTION,
                CONVOLUTIONS,
                TinyPolicy.WITH_TEXT,
                new TuningSpec.Full(List.of("unet", "text_encoder")));
    }

    @ParameterizedTest
    @MethodSource("specs")
    void theReferenceIsTheStartToTheBit(TuningSpec spec) {
        List<float[]> untuned = new ArrayList<>();
        Path levels = Paths.checkpointOfAdapters(); // between which there are convolutions too
        try (Pipeline pipeline = TinyPolicy.open(levels)) {
            untuned.addAll(outputs(pipeline));
        }
        try (TinyPolicy tiny = TinyPolicy.fresh(levels, spec, 1)) {
            List<float[]> start = outputs(tiny.pipeline);
            if (spec instanceof TuningSpec.Full) {
                // It trains copies, and where a weight lies in memory may decide the last bits of a product.
                for (int i = 0; i < start.size(); i++) {
                    Close.require("output " + i, start.get(i), untuned.get(i), 1e-6);
                }
            } else {
                assertEqual(start, untuned);
            }
            tiny.move(0.1, 3);
            assertEqual(tiny.tuning.asReference(() -> outputs(tiny.pipeline)), start);
            List<float[]> moved = outputs(tiny.pipeline);
            assertThat(moved.get(1)).isNotEqualTo(untuned.get(1));
            assertThat(Arrays.equals(moved.get(0), untuned.get(0)))
                    .isNotEqualTo(spec.components().contains("text_encoder"));
        }
    }

    /** What the text encoder and the denoiser give for a fixed prompt and noise. */
    private static List<float[]> outputs(Pipeline pipeline) {
        return Gradients.off(() -> {
            try (NDManager manager = pipeline.manager().newSubManager()) {
                Map<String, NDArray> prompt = pipeline.encode(
                                manager, List.of("the cat"), List.of(), pipeline.defaultSize())
                        .positive();
                NDArray noise = Kernels.randn(manager, 5, new Shape(1, 4, 16, 16));
                NDArray output = pipeline.denoise(noise, new double[] {301}, prompt);
                return List.of(Close.floats(prompt.get("encoder_hidden_states")), Close.floats(output));
            }
        });
    }

    private static void assertEqual(List<float[]> actual, List<float[]> expected) {
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i)).containsExactly(expected.get(i));
        }
    }

    private static Recipe withKl(double coefficient) {
        return withKl(coefficient, KlMean.Variance.STEP);
    }

    private static Recipe withKl(double coefficient, KlMean.Variance variance) {
        return new Recipe(
                new TransitionLikelihood(),
                new ImportanceRatio(),
                new Unclipped(),
                new UniformWeight(),
                Map.of("penalty", new KlMean(new KlMean.Config(coefficient, null, variance))));
    }

    /** Flow-GRPO leaves the step's size out of the variance, Flow-Factory the variance as a whole. */
    @Test
    void theConventionsOfTheVarianceDifferByTheStepsSizeAndItsVariance() {
        try (TinyPolicy tiny = TinyPolicy.trained(TinyPolicy.ATTENTION, 1)) {
            Batch batch = TinyPolicy.batch(tiny.rollout(), 0, 0, 0, 0);
            for (int step = 0; step < TinyPolicy.STEPS; step++) {
                double kl = value(tiny, batch, step, KlMean.Variance.STEP);
                double variance = 2 * tiny.kernel.std(step) * tiny.kernel.std(step);
                assertThat(value(tiny, batch, step, KlMean.Variance.RATE))
                        .isCloseTo(kl * tiny.kernel.stepSize(step), withinPercentage(0.01));
                assertThat(value(tiny, batch, step, KlMean.Variance.NONE))
                        .isCloseTo(kl * variance, withinPercentage(0.01));
            }
        }
    }

    private static double value(TinyPolicy tiny, Batch batch, int step, KlMean.Variance variance) {
        return tiny.evaluate(withKl(COEFFICIENT, variance), batch, step).value().getFloat();
    }

    /** What a survey says of a pair's divergence is the KL divergence of its transition, exactly. */
    @Test
    void aSurveysDivergenceIsTheKl() {
        try (TinyPolicy tiny = TinyPolicy.trained(TinyPolicy.ATTENTION, 1)) {
            Batch batch = TinyPolicy.batch(tiny.rollout(), 1, -1, 0.5, -2);
            Recipe recipe = new Recipe(
                    new TransitionLikelihood(),
                    new ImportanceRatio(),
                    new LowProbabilityRegulariser(new LowProbabilityRegulariser.Config(
                            0.5, 1, LowProbabilityRegulariser.Proxy.REFERENCE, 1, 9)),
                    new UniformWeight(),
                    Map.of());
            for (int step = 0; step < TinyPolicy.STEPS; step++) {
                int pass = step;
                double mean = Gradients.off(() -> recipe.survey().observe(tiny.policy, batch, pass)).stream()
                        .mapToDouble(UpdateSurvey.Pair::divergence)
                        .average()
                        .orElseThrow();
                double kl = value(tiny, batch.only(LossTerms.PENALTY), step, KlMean.Variance.STEP) / COEFFICIENT;
                assertThat(mean).isPositive().isCloseTo(kl, withinPercentage(0.01));
            }
        }
    }

    /** Its log-density is that of the drawn noise: no step is likelier for its standard deviation, and no likelihood changes it. */
    @Test
    void aSurveysDensityIsThatOfTheNoise() {
        try (TinyPolicy tiny = TinyPolicy.trained(TinyPolicy.ATTENTION, 1)) {
            Batch batch = TinyPolicy.batch(tiny.rollout(), 1, -1, 0.5, -2);
            for (int step = 0; step < TinyPolicy.STEPS; step++) {
                List<UpdateSurvey.Pair> pairs = surveyed(tiny, batch, step, TransitionLikelihood.Density.GAUSSIAN);
                for (int i = 0; i < pairs.size(); i++) {
                    double squares = 0;
                    float[] z = batch.trajectories().noise(step).get(i).toFloatArray();
                    for (float each : z) {
                        squares += each * each;
                    }
                    assertThat(pairs.get(i).logDensity())
                            .isCloseTo(-squares / z.length / 2 - Math.log(2 * Math.PI) / 2, within(1e-5));
                }
                assertThat(surveyed(tiny, batch, step, TransitionLikelihood.Density.SQUARED_DISTANCE))
                        .isEqualTo(pairs);
            }
        }
    }

    private static List<UpdateSurvey.Pair> surveyed(
            TinyPolicy tiny, Batch batch, int step, TransitionLikelihood.Density density) {
        Recipe recipe = new Recipe(
                new TransitionLikelihood(new TransitionLikelihood.Config(density)),
                new ImportanceRatio(),
                new KlCov(new KlCov.Config(1, 1)),
                new UniformWeight(),
                Map.of());
        return Gradients.off(() -> recipe.survey().observe(tiny.policy, batch, step));
    }

    /** Policy and penalty differentiated apart are the two parts of what is differentiated at once. */
    @Test
    void theTermsOfTheLossAddUpToIt() {
        try (TinyPolicy tiny = TinyPolicy.trained(TinyPolicy.ATTENTION, 1)) {
            Batch batch = TinyPolicy.batch(tiny.rollout(), 1, -1, 0.5, -2);
            Recipe recipe = withKl(COEFFICIENT);
            Map<String, float[]> all = tiny.gradients(recipe, batch, 0);
            Map<String, float[]> policy = tiny.gradients(recipe, batch.only(LossTerms.POLICY), 0);
            Map<String, float[]> penalty = tiny.gradients(recipe, batch.only(LossTerms.PENALTY), 0);
            Recipe plain = new Recipe(
                    new TransitionLikelihood(), new ImportanceRatio(), new Unclipped(), new UniformWeight(), Map.of());
            Map<String, float[]> without = tiny.gradients(plain, batch, 0);
            assertThat(Directions.norm(penalty)).isPositive();
            all.forEach((name, sum) -> {
                float[] added = policy.get(name).clone();
                for (int i = 0; i < added.length; i++) {
                    added[i] += penalty.get(name)[i];
                }
                Close.require(name, added, sum, 1e-5);
                assertThat(policy.get(name)).containsExactly(without.get(name));
            });
        }
    }

    @Test
    void theKlIsZeroAtTheStartAndSoIsItsGradient() {
        try (TinyPolicy tiny = TinyPolicy.fresh(TinyPolicy.ATTENTION, 5)) {
            Batch batch = TinyPolicy.batch(tiny.rollout(), 0, 0, 0, 0);
            for (int pass = 0; pass < TinyPolicy.STEPS; pass++) {
                assertThat(tiny.evaluate(withKl(COEFFICIENT), batch, pass)
                                .value()
                                .getFloat())
                        .isZero();
                assertThat(Directions.norm(tiny.gradients(withKl(COEFFICIENT), batch, pass)))
                        .isZero();
            }
        }
    }

    /** With advantages of zero the penalty is all that is left of the loss. */
    @Test
    void theKlIsThatOfTheTwoGaussiansPerElementAndPullsBack() {
        try (TinyPolicy tiny = TinyPolicy.trained(TinyPolicy.ATTENTION, 5)) {
            Trajectories rollout = tiny.rollout();
            Batch batch = TinyPolicy.batch(rollout, 0, 0, 0, 0);
            for (int step : new int[] {0, TinyPolicy.STEPS - 1}) {
                double expected = kl(tiny, rollout, step);
                assertThat(expected).isPositive();
                float value =
                        tiny.evaluate(withKl(COEFFICIENT), batch, step).value().getFloat();
                assertThat((double) value).isCloseTo(expected, within(1e-4 * expected));
                Map<String, float[]> gradients = tiny.gradients(withKl(COEFFICIENT), batch, step);
                for (Map<String, float[]> direction : Directions.worthChecking(gradients)) {
                    double slope = tiny.slope(direction, 0.01, () -> kl(tiny, rollout, step));
                    Directions.requireSlope("step " + step, slope, gradients, direction);
                }
            }
        }
    }

    private static double kl(TinyPolicy tiny, Trajectories rollout, int step) {
        float[] current = tiny.mean(WeightSet.LIVE, rollout, step);
        float[] reference = tiny.mean(WeightSet.REFERENCE, rollout, step);
        double std = tiny.kernel.std(step);
        double sum = 0;
        for (int i = 0; i < current.length; i++) {
            double z = ((double) current[i] - reference[i]) / std;
            sum += z * z / 2;
        }
        return COEFFICIENT * sum / current.length;
    }
}
