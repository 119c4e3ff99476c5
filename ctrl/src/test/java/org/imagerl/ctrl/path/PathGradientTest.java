package org.imagerl.ctrl.path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.InPlaceKernels;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PathGradientTest {
    private static final int STEPS = 5;
    private static final long SEED = 11;
    private static final List<Prompt> PROMPTS = List.of(
            AnalyticMixture.prompt(0, 0.5),
            AnalyticMixture.prompt(1, 1),
            AnalyticMixture.prompt(1, 2),
            AnalyticMixture.prompt(0, 1));

    static List<Truncation> truncations() {
        return List.of(new Truncation.None(), new Truncation.Fresh(), new Truncation.Last(2));
    }

    @Test
    void thereIsNoDivergenceBeforeTraining() {
        try (AnalyticMixture ground = new AnalyticMixture(STEPS)) {
            Map<String, Double> metrics = add(ground, new Truncation.None(), 1);
            assertThat(metrics.get("path_kl"))
                    .isLessThan(1e-9); // the mean is known from state and noise up to rounding
            assertThat(metrics.get("log_likelihood")).isNegative();
        }
    }

    /** The loss with the same noise, where the outputs of a step that is cut stay what they were. */
    @ParameterizedTest
    @MethodSource("truncations")
    void theGradientIsThatOfFiniteDifferences(Truncation truncation) {
        requireFiniteDifferences(truncation, false);
    }

    /** As flow-sde has it: what cannot be trained is passed by. */
    @Test
    void aStepWithoutNoiseIsPassedBy() {
        requireFiniteDifferences(new Truncation.None(), true);
    }

    private static void requireFiniteDifferences(Truncation truncation, boolean quiet) {
        try (AnalyticMixture ground = new AnalyticMixture(STEPS, quiet)) {
            move(ground);
            Trajectories path = ground.rollout(ground.manager, PROMPTS, SEED);
            List<NDArray> outputs = outputs(ground, path);
            PathGradient.add(
                    ground::logLikelihood,
                    AnalyticMixture::strength,
                    truncation,
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
                double above = shifted(ground, weight, gradient, step / norm, path, outputs, truncation);
                double below = shifted(ground, weight, gradient, -step / norm, path, outputs, truncation);
                assertThat((above - below) / (2 * step)).as(name).isCloseTo(norm, within(1e-2 * norm));
            });
        }
    }

    @Test
    void aTruncatedGradientIsAnotherOne() {
        Map<String, float[]> whole = gradients(new Truncation.None(), 1);
        Map<String, float[]> late = gradients(new Truncation.Last(2), 1);
        assertThat(late.get("c")).isNotEqualTo(whole.get("c"));
        assertThat(gradients(new Truncation.Last(STEPS), 1).get("c")).isEqualTo(whole.get("c"));
    }

    /** Micro-batches matter for memory only, whatever is drawn. */
    @ParameterizedTest
    @MethodSource("truncations")
    void twoHalvesMakeAWhole(Truncation truncation) {
        Map<String, float[]> whole = gradients(truncation, 1);
        Map<String, float[]> halves = gradients(truncation, 2);
        whole.forEach((name, gradient) -> {
            for (int i = 0; i < gradient.length; i++) {
                assertThat(halves.get(name)[i])
                        .as("%s %d", name, i)
                        .isCloseTo(gradient[i], within(1e-4f * Math.max(1, Math.abs(gradient[i]))));
            }
        });
    }

    @Test
    void publishedTruncationKeepsLateStepsMoreOften() {
        Truncation fresh = new Truncation.Fresh();
        RandomStreams random = new RandomStreams(3);
        for (int step : new int[] {0, 4, 9}) {
            int now = step;
            long kept = IntStream.range(0, 4000)
                    .filter(i -> fresh.keeps(now, 10, random, i))
                    .count();
            assertThat(kept / 4000.0).isCloseTo(fresh.probability(step, 10), within(0.03));
        }
        assertThat(fresh.probability(9, 10)).isEqualTo(10 / 11.0);
    }

    private static Map<String, float[]> gradients(Truncation truncation, int parts) {
        try (AnalyticMixture ground = new AnalyticMixture(STEPS)) {
            move(ground);
            add(ground, truncation, parts);
            Map<String, float[]> gradients = new TreeMap<>();
            ground.parameters.forEach(
                    (name, weight) -> gradients.put(name, weight.getGradient().toFloatArray()));
            return gradients;
        }
    }

    private static Map<String, Double> add(AnalyticMixture ground, Truncation truncation, int parts) {
        Trajectories path = ground.rollout(ground.manager, PROMPTS, SEED);
        int size = path.size() / parts;
        Map<String, Double> metrics = Map.of();
        for (int part = 0; part < parts; part++) {
            int[] rows = IntStream.range(part * size, (part + 1) * size).toArray();
            Trajectories some = Gradients.off(() -> path.rows(ground.manager, rows));
            Batch batch = new Batch(some, new double[size], new int[0], true, SEED, rows);
            metrics = PathGradient.add(
                    ground::logLikelihood, AnalyticMixture::strength, truncation, ground, batch, 1.0 / parts);
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

    private static List<NDArray> outputs(AnalyticMixture ground, Trajectories path) {
        List<NDArray> outputs = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            NDArray state = path.state(step);
            double[] timesteps = timesteps(path, step);
            outputs.add(Gradients.off(() -> ground.output(WeightSet.LIVE, state, timesteps, path)));
        }
        return outputs;
    }

    private static double shifted(
            AnalyticMixture ground,
            NDArray weight,
            float[] direction,
            double by,
            Trajectories path,
            List<NDArray> outputs,
            Truncation truncation) {
        double[] loss = new double[1];
        Scope.run(() -> Gradients.off(() -> {
            NDArray before = weight.duplicate();
            weight.addi(ground.manager.create(direction, weight.getShape()).muli((float) by));
            loss[0] = loss(ground, path, outputs, truncation);
            InPlaceKernels.copyInPlace(weight, before);
            return before;
        }));
        return loss[0];
    }

    /** The sampler forwards, with the noises of a path. */
    private static double loss(
            AnalyticMixture ground, Trajectories path, List<NDArray> outputs, Truncation truncation) {
        NDArray state = path.state(0);
        double loss = 0;
        for (int step = 0; step < STEPS; step++) {
            double[] timesteps = timesteps(path, step);
            NDArray current = ground.output(WeightSet.LIVE, state, timesteps, path);
            NDArray reference = ground.output(WeightSet.REFERENCE, state, timesteps, path);
            NDArray kept = mask(ground, truncation, step, current);
            NDArray output =
                    current.mul(kept).add(outputs.get(step).mul(kept.neg().add(1)));
            double std = path.kernel().std(step);
            NDArray mean = path.kernel().mean(step, state, output);
            NDArray pull = mean.sub(path.kernel().mean(step, state, reference)).mul(kept);
            state = mean;
            if (std > 0) {
                loss += number(pull.mul(pull).sum()) / (2 * std * std) / path.size();
                state = Kernels.combine(mean, 1, path.noise(step), std);
            }
        }
        float[] logs = ground.logLikelihood(state, PROMPTS).toFloatArray();
        for (int i = 0; i < logs.length; i++) {
            loss -= AnalyticMixture.strength(PROMPTS.get(i)) * logs[i] / logs.length;
        }
        return loss;
    }

    private static double[] timesteps(Trajectories path, int step) {
        double[] timesteps = new double[path.size()];
        Arrays.fill(timesteps, path.kernel().timestep(step));
        return timesteps;
    }

    private static NDArray mask(AnalyticMixture ground, Truncation truncation, int step, NDArray like) {
        float[] mask = new float[2 * PROMPTS.size()];
        for (int i = 0; i < mask.length; i++) {
            boolean kept = ground.kernel.std(step) > 0 && truncation.keeps(step, STEPS, new RandomStreams(SEED), i / 2);
            mask[i] = kept ? 1 : 0;
        }
        return ground.manager.create(mask, like.getShape()).duplicate();
    }

    private static double number(NDArray scalar) {
        return scalar.toType(DataType.FLOAT64, false).getDouble();
    }
}
