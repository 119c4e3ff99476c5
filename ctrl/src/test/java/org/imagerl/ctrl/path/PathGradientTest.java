package org.imagerl.ctrl.path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.path.PathEnd;
import org.imagerl.toolkit.path.PathGradient;
import org.imagerl.toolkit.path.PathSettings;
import org.imagerl.toolkit.path.Truncation;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.InPlaceKernels;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathGradientTest {
    private static final int STEPS = 5;
    private static final long SEED = 11;
    private static final List<Prompt> PROMPTS = List.of(
            AnalyticMixture.prompt(0, 0.5),
            AnalyticMixture.prompt(1, 1),
            AnalyticMixture.prompt(1, 2),
            AnalyticMixture.prompt(0, 1));

    private static final PathEnd FINISHED = new PathEnd.Finished();
    private static final PathSettings WHOLE = new PathSettings(new Truncation.None(), FINISHED, false, 1);

    static List<PathSettings> settings() {
        return List.of(
                WHOLE,
                new PathSettings(new Truncation.Fresh(), FINISHED, false, 1),
                new PathSettings(new Truncation.Last(2), FINISHED, false, 0.5),
                new PathSettings(new Truncation.None(), FINISHED, true, 1),
                new PathSettings(new Truncation.Random(), FINISHED, false, 0),
                new PathSettings(new Truncation.Last(1), new PathEnd.Predicted(3), false, 0),
                new PathSettings(new Truncation.Spaced(2), new PathEnd.Predicted(3), true, 0),
                new PathSettings(new Truncation.None(), new PathEnd.Predicted(4), false, 1),
                new PathSettings(new Truncation.Last(1), new PathEnd.Renoised(2), false, 0));
    }

    @Test
    void thereIsNoDivergenceBeforeTraining() {
        try (AnalyticMixture ground = new AnalyticMixture(STEPS)) {
            Map<String, Double> metrics = add(ground, WHOLE, 1);
            assertThat(metrics.get("path_kl"))
                    .isLessThan(1e-9); // the mean is known from state and noise up to rounding
            assertThat(metrics.get("score")).isNegative();
        }
    }

    /** The loss with the same noise, where the outputs of a step that is cut stay what they were. */
    @ParameterizedTest
    @MethodSource("settings")
    void theGradientIsThatOfFiniteDifferences(PathSettings settings) {
        requireFiniteDifferences(settings, false);
    }

    /** As flow-sde has it: what has no divergence is passed by, and trained where none is asked for. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 1})
    void aStepWithoutNoiseIsPassedByWhereThereIsADivergence(double divergence) {
        requireFiniteDifferences(new PathSettings(new Truncation.None(), FINISHED, false, divergence), true);
    }

    private static void requireFiniteDifferences(PathSettings settings, boolean quiet) {
        try (AnalyticMixture ground = new AnalyticMixture(STEPS, quiet)) {
            move(ground);
            Trajectories path = ground.rollout(ground.manager, PROMPTS, SEED);
            PathForwards forwards = PathForwards.of(ground, path, settings, SEED);
            PathGradient.add(
                    ground::logLikelihood,
                    AnalyticMixture::strength,
                    settings,
                    ground,
                    AnalyticMixture.batch(path, SEED),
                    1);
            ground.parameters.forEach((name, weight) -> {
                float[] gradient = weight.getGradient().toFloatArray();
                double norm = Math.sqrt(IntStream.range(0, gradient.length)
                        .mapToDouble(i -> gradient[i] * (double) gradient[i])
                        .sum());
                assertThat(norm).as(name).isGreaterThan(1e-3);
                double step = 2e-3;
                double above = shifted(weight, gradient, step / norm, forwards);
                double below = shifted(weight, gradient, -step / norm, forwards);
                assertThat((above - below) / (2 * step)).as(name).isCloseTo(norm, within(1e-2 * norm));
            });
        }
    }

    /** With a score that is linear in the images and the last step alone: dL/do = -a dmu/do / B, whatever else is in the path. */
    @Test
    void theGradientOfALinearScoreThroughOneStepIsClosedForm() {
        float[] expected;
        try (AnalyticMixture ground = new AnalyticMixture(STEPS)) {
            move(ground);
            Trajectories path = ground.rollout(ground.manager, PROMPTS, SEED);
            double perOutput = path.kernel().meanPerOutput(STEPS - 1);
            Gradients.record(recording -> {
                NDArray output = ground.output(WeightSet.LIVE, path.state(STEPS - 1), timesteps(path, STEPS - 1), path);
                NDArray cotangent = slope(output, -perOutput / PROMPTS.size());
                recording.backward(output, cotangent);
                return output;
            });
            expected = ground.parameters.get("b").getGradient().toFloatArray();
        }
        try (AnalyticMixture ground = new AnalyticMixture(STEPS)) {
            move(ground);
            Trajectories path = ground.rollout(ground.manager, PROMPTS, SEED);
            PathGradient.add(
                    (points, prompts) -> points.mul(slope(points, 1)).sum(new int[] {1, 2, 3}),
                    prompt -> 1,
                    new PathSettings(new Truncation.Last(1), FINISHED, false, 0),
                    ground,
                    AnalyticMixture.batch(path, SEED),
                    1);
            float[] actual = ground.parameters.get("b").getGradient().toFloatArray();
            double largest = 0;
            for (float value : expected) {
                largest = Math.max(largest, Math.abs(value));
            }
            assertThat(largest).isPositive();
            assertThat(actual)
                    .usingComparatorWithPrecision((float) (1e-5 * largest))
                    .containsExactly(expected);
        }
    }

    /** The score 2 x - y, times a factor. */
    private static NDArray slope(NDArray like, double factor) {
        float[] values = new float[(int) like.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (factor * (i % 2 == 0 ? 2 : -1));
        }
        return like.getManager().create(values, like.getShape()).duplicate();
    }

    /** The noise that was drawn leads from each recomputed mean to the next state. */
    @Test
    void recomputedStepsHaveTheNoiseOfTheRollout() {
        try (AnalyticMixture ground = new AnalyticMixture(STEPS)) {
            move(ground);
            Trajectories path = ground.rollout(ground.manager, PROMPTS, SEED);
            for (int step = 0; step < STEPS; step++) {
                int now = step;
                NDArray mean = Gradients.off(() -> ground.mean(WeightSet.LIVE, now, path));
                NDArray next =
                        Kernels.combine(mean, 1, path.noise(step), path.kernel().std(step));
                float[] expected = path.state(step + 1).toFloatArray();
                assertThat(next.toFloatArray())
                        .usingComparatorWithPrecision(1e-5f)
                        .containsExactly(expected);
            }
        }
    }

    @Test
    void aTruncatedGradientIsAnotherOne() {
        Map<String, float[]> whole = gradients(WHOLE, 1);
        Map<String, float[]> late = gradients(new PathSettings(new Truncation.Last(2), FINISHED, false, 1), 1);
        assertThat(late.get("c")).isNotEqualTo(whole.get("c"));
        for (Truncation all : List.of(new Truncation.Last(STEPS), new Truncation.Spaced(STEPS))) {
            assertThat(gradients(new PathSettings(all, FINISHED, false, 1), 1).get("c"))
                    .isEqualTo(whole.get("c"));
        }
    }

    /** Micro-batches matter for memory only, whatever is drawn. */
    @ParameterizedTest
    @MethodSource("settings")
    void twoHalvesMakeAWhole(PathSettings settings) {
        Map<String, float[]> whole = gradients(settings, 1);
        Map<String, float[]> halves = gradients(settings, 2);
        whole.forEach((name, gradient) -> {
            for (int i = 0; i < gradient.length; i++) {
                assertThat(halves.get(name)[i])
                        .as("%s %d", name, i)
                        .isCloseTo(gradient[i], within(1e-4f * Math.max(1, Math.abs(gradient[i]))));
            }
        });
    }

    @Test
    void stepsAreKeptAsOftenAsIsSaid() {
        RandomStreams random = new RandomStreams(3);
        for (Truncation drawn : List.of(new Truncation.Fresh(), new Truncation.Random(), new Truncation.Spaced(3))) {
            for (int step : new int[] {0, 4, 9}) {
                long kept = IntStream.range(0, 4000)
                        .filter(i -> drawn.keeps(step, 10, random, i))
                        .count();
                assertThat(kept / 4000.0).as("%s %d", drawn, step).isCloseTo(drawn.probability(step, 10), within(0.03));
            }
        }
        assertThat(new Truncation.Fresh().probability(9, 10)).isEqualTo(10 / 11.0);
        assertThat(new Truncation.Random().probability(9, 10)).isEqualTo(1);
        assertThat(new Truncation.Spaced(3).probability(0, 10)).isZero();
        assertThat(IntStream.range(0, 10).filter(step -> new Truncation.Spaced(3).keeps(step, 10, random, 7)))
                .hasSize(3);
    }

    @Test
    void whatHasNoMeaningTogetherIsRefused() {
        PathEnd renoised = new PathEnd.Renoised(1);
        assertThatThrownBy(() -> new PathSettings(new Truncation.None(), renoised, false, 0))
                .hasMessageContaining("truncation must be {type: last, steps: 1}");
        assertThatThrownBy(() -> new PathSettings(new Truncation.Last(1), renoised, false, 1))
                .hasMessageContaining("divergence must be 0");
        assertThatThrownBy(() -> new PathSettings(new Truncation.None(), FINISHED, false, -1))
                .hasMessageContaining("divergence must be at least 0");
    }

    private static Map<String, float[]> gradients(PathSettings settings, int parts) {
        try (AnalyticMixture ground = new AnalyticMixture(STEPS)) {
            move(ground);
            add(ground, settings, parts);
            Map<String, float[]> gradients = new TreeMap<>();
            ground.parameters.forEach(
                    (name, weight) -> gradients.put(name, weight.getGradient().toFloatArray()));
            return gradients;
        }
    }

    private static Map<String, Double> add(AnalyticMixture ground, PathSettings settings, int parts) {
        Trajectories path = ground.rollout(ground.manager, PROMPTS, SEED);
        int size = path.size() / parts;
        Map<String, Double> metrics = Map.of();
        for (int part = 0; part < parts; part++) {
            int[] rows = IntStream.range(part * size, (part + 1) * size).toArray();
            Trajectories some = Gradients.off(() -> path.rows(ground.manager, rows));
            Batch batch = new Batch(some, new double[size], new int[0], true, SEED, rows);
            metrics = PathGradient.add(
                    ground::logLikelihood, AnalyticMixture::strength, settings, ground, batch, 1.0 / parts);
        }
        return metrics;
    }

    private static void move(AnalyticMixture ground) {
        Gradients.off(() -> ground.parameters
                .get("c")
                .addi(Kernels.randn(
                                ground.manager, 5, ground.parameters.get("c").getShape())
                        .muli(0.05f)));
        ground.parameters.values().forEach(weight -> JniUtils.zeroGrad((PtNDArray) weight));
    }

    private static double shifted(NDArray weight, float[] direction, double by, PathForwards forwards) {
        double[] loss = new double[1];
        Scope.run(() -> Gradients.off(() -> {
            NDArray before = weight.duplicate();
            weight.addi(weight.getManager().create(direction, weight.getShape()).muli((float) by));
            loss[0] = forwards.loss();
            InPlaceKernels.copyInPlace(weight, before);
            return before;
        }));
        return loss[0];
    }

    private static double[] timesteps(Trajectories path, int step) {
        double[] timesteps = new double[path.size()];
        Arrays.fill(timesteps, path.kernel().timestep(step));
        return timesteps;
    }
}
