package org.imagerl.tests.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.Tuning;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.WeightSet;
import org.imagerl.tests.Close;
import org.imagerl.toolkit.parallel.GradientShards;
import org.imagerl.toolkit.parallel.Workers;
import org.imagerl.toolkit.recipe.Recipe;
import org.imagerl.toolkit.tensor.Floats;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Several workers on the trained tensors of one checkpoint. */
class GradientShardsTest {
    private static final double[] ADVANTAGES = {1, -0.5, 2, 0.25};

    private int engineThreads;

    /** Kernels of several threads round otherwise than those of one. */
    @BeforeEach
    void oneThreadForAKernel() {
        Engine.getEngine("PyTorch");
        engineThreads = JniUtils.getNumThreads();
        JniUtils.setNumThreads(1);
    }

    @AfterEach
    void allThreadsForAKernel() {
        JniUtils.setNumThreads(engineThreads);
    }

    static List<TuningSpec> specs() {
        return List.of(TinyPolicy.ATTENTION, TinyPolicy.WITH_TEXT, new TuningSpec.Full(List.of("unet")));
    }

    @ParameterizedTest
    @MethodSource("specs")
    void gradientsDependOnTheShardsAndNotOnTheWorkers(TuningSpec spec) {
        try (TinyPolicy tiny = TinyPolicy.trained(spec, 2)) {
            Trajectories rollout = tiny.rollout();
            Map<String, float[]> one = gradients(tiny, rollout, 1, 1);
            Map<String, float[]> three = gradients(tiny, rollout, 3, 3);
            assertThat(three.keySet()).isEqualTo(tiny.tuning.parameters().keySet());
            three.forEach((name, gradient) -> Close.require(name, gradient, one.get(name), 1e-5));
            for (int workers = 1; workers <= 3; workers++) {
                gradients(tiny, rollout, workers, 3)
                        .forEach((name, gradient) ->
                                assertThat(gradient).as(name).containsExactly(three.get(name)));
            }
        }
    }

    @Test
    void shardsAreAddedUpInABinaryTree() {
        float[][] shards = {{1}, {1e8f}, {-1e8f}, {3}, {0.5f}};
        float expected = ((shards[0][0] + shards[1][0]) + (shards[2][0] + shards[3][0])) + shards[4][0];
        float inOneRow = (((shards[0][0] + shards[1][0]) + shards[2][0]) + shards[3][0]) + shards[4][0];
        assertThat(expected).isNotEqualTo(inOneRow);
        try (OneWeight tuning = new OneWeight();
                Workers workers = new Workers(2, 5);
                GradientShards sums = new GradientShards(tuning, workers, 5, tuning.manager)) {
            sums.run(5, index -> tuning.addGradient(shards[index][0]));
            assertThat(tuning.gradient()).containsExactly(expected);
        }
    }

    @Test
    void shardsThatWereComputedElsewhereAreAddedUpInTheSameTree() {
        float[][] shards = {{1}, {1e8f}, {-1e8f}, {3}, {0.5f}};
        try (OneWeight there = new OneWeight();
                OneWeight here = new OneWeight();
                Workers workers = new Workers(2, 5);
                GradientShards far = new GradientShards(there, workers, 5, there.manager);
                GradientShards sums = new GradientShards(here, workers, 5, here.manager)) {
            for (int update = 0; update < 2; update++) {
                List<SortedMap<String, float[]>> taken = far.take(5, index -> there.addGradient(shards[index][0]));
                for (int i = 0; i < shards.length; i++) {
                    assertThat(taken.get(i).get("weight")).containsExactly(shards[i]);
                }
                assertThat(there.gradient()).containsExactly(0);
                sums.add(taken);
            }
            float once = ((shards[0][0] + shards[1][0]) + (shards[2][0] + shards[3][0])) + shards[4][0];
            float twice = (((once + shards[0][0]) + shards[1][0]) + (shards[2][0] + shards[3][0])) + shards[4][0];
            assertThat(here.gradient()).containsExactly(twice);
            SortedMap<String, float[]> longer = new TreeMap<>(Map.of("weight", new float[2]));
            assertThatThrownBy(() -> sums.add(List.of(longer))).hasMessageContaining("2 elements, expected 1");
            assertThatThrownBy(() -> sums.add(List.of(new TreeMap<>()))).hasMessageContaining("0 elements, expected 1");
            assertThat(here.gradient()).containsExactly(twice);
        }
    }

    /** One number in training, which is exchanged for the thread that asks for it. */
    private static final class OneWeight implements Tuning {
        final NDManager manager = NDManager.newBaseManager("PyTorch");
        private final SortedMap<String, NDArray> parameters = new TreeMap<>();
        private final ThreadLocal<Map<String, NDArray>> values = ThreadLocal.withInitial(() -> parameters);

        OneWeight() {
            NDArray weight = manager.create(1f);
            weight.setRequiresGradient(true);
            parameters.put("weight", weight);
        }

        NDArray weight() {
            return values.get().get("weight");
        }

        void addGradient(float gradient) {
            Scope.run(() -> Gradients.record(recording -> {
                recording.backward(Kernels.scale(weight(), gradient));
                return recording;
            }));
        }

        float[] gradient() {
            return Gradients.off(() -> Floats.of(weight().getGradient()));
        }

        @Override
        public SortedMap<String, NDArray> parameters() {
            return parameters;
        }

        @Override
        public <T> T asReference(Supplier<T> body) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <T> T with(Map<String, NDArray> others, Supplier<T> body) {
            values.set(others);
            try {
                return body.get();
            } finally {
                values.remove();
            }
        }

        @Override
        public Path export(Path folder, Map<String, String> provenance) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            manager.close();
        }
    }

    /** A micro-batch per rollout. */
    private static Map<String, float[]> gradients(TinyPolicy tiny, Trajectories rollout, int count, int shards) {
        Recipe ddpo = TinyPolicy.ddpo();
        try (Workers workers = new Workers(count, shards);
                GradientShards sums = new GradientShards(tiny.tuning, workers, shards, tiny.pipeline.manager())) {
            return tiny.gradientsOf(() -> sums.run(ADVANTAGES.length, index -> {
                Batch batch = TinyPolicy.batch(tiny.rows(rollout, index), ADVANTAGES[index]);
                for (int pass = 0; pass < 2; pass++) {
                    int step = pass;
                    Scope.run(() -> Gradients.record(recording -> {
                        Loss loss = ddpo.loss(tiny.policy, batch, step);
                        recording.backward(loss.value());
                        return loss;
                    }));
                }
            }));
        }
    }

    /** What one worker runs with the weights before training, and another with averaged ones, is no matter to the third. */
    @ParameterizedTest
    @MethodSource("specs")
    void aSwitchOfWeightsIsOfOneWorkerAlone(TuningSpec spec) {
        try (TinyPolicy tiny = TinyPolicy.trained(spec, 1);
                Workers workers = new Workers(3)) {
            Trajectories rollout = tiny.rollout();
            Map<String, NDArray> halved = new TreeMap<>();
            tiny.tuning
                    .parameters()
                    .forEach((name, parameter) -> halved.put(name, Gradients.off(() -> parameter.mul(0.5f))));
            List<float[]> expected = List.of(
                    tiny.mean(WeightSet.LIVE, rollout, 1),
                    tiny.mean(WeightSet.REFERENCE, rollout, 1),
                    tiny.tuning.with(halved, () -> tiny.mean(WeightSet.LIVE, rollout, 1)));
            assertThat(expected.get(0)).isNotEqualTo(expected.get(1)).isNotEqualTo(expected.get(2));
            float[][] found = new float[30][];
            workers.run(
                    found.length,
                    (index, worker) -> found[index] = worker == 2
                            ? tiny.tuning.with(halved, () -> tiny.mean(WeightSet.LIVE, rollout, 1))
                            : tiny.mean(worker == 1 ? WeightSet.REFERENCE : WeightSet.LIVE, rollout, 1));
            IntStream.range(0, found.length)
                    .forEach(i -> Close.require("call " + i, found[i], expected.get(i % 3), 1e-6));
        }
    }
}
