package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.LossTerms;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.UserException;
import org.imagerl.spi.WeightSet;
import org.imagerl.tests.Close;
import org.imagerl.toolkit.sampling.Seeds;
import org.imagerl.training.config.PreparedRun;
import org.imagerl.training.loop.OpenRun;
import org.imagerl.training.loop.PolicyUpdater;
import org.imagerl.training.loop.RunExecutors;
import org.imagerl.training.work.GradientExecutor;
import org.imagerl.training.work.GradientUnit;
import org.imagerl.training.work.PolicyVersion;
import org.imagerl.training.work.Rollout;
import org.imagerl.training.work.RolloutExecutor;
import org.imagerl.training.work.RolloutUnit;
import org.imagerl.training.work.WorkFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Units of work that cross a border as bytes are computed on the other side, with a checkpoint and parts of its own, to the same numbers. */
class WorkUnitsTest {
    private static final double[] ADVANTAGES = {1, -0.3, 0.7, -1.1};

    @TempDir
    private Path scratch;

    private static final RolloutExecutor.Watch UNWATCHED = new RolloutExecutor.Watch() {
        @Override
        public void begin() {}

        @Override
        public void done(RolloutUnit unit) {}
    };

    /** One side: a run that is open, and its executors. */
    private static final class Side implements AutoCloseable {
        final OpenRun run;
        final RunExecutors executors;

        Side(TinyRun tiny) {
            run = OpenRun.open(
                    PreparedRun.of(tiny.config(), TinyRun.REGISTRY, tiny.notices::add),
                    TinyRun.REGISTRY,
                    tiny.notices::add);
            executors = RunExecutors.threads(run);
        }

        List<RolloutUnit> units() {
            List<Prompt> train = run.prompts().train();
            List<Prompt> prompts = List.of(train.get(0), train.get(0), train.get(1), train.get(1));
            return run.runtime()
                    .sampling()
                    .rollouts(3)
                    .units(prompts, Seeds.shared(new long[] {5, 5, 6, 6}, 1, 2, 3, Long.MIN_VALUE), 2);
        }

        /** Gradients of all trained tensors, which are then zero again. */
        Map<String, float[]> gradients() {
            Map<String, float[]> gradients = new TreeMap<>();
            run.runtime().weights().state().tensors().forEach((name, tensor) -> {
                gradients.put(name, Close.floats(tensor.getGradient()));
                JniUtils.zeroGrad((PtNDArray) tensor);
            });
            return gradients;
        }

        @Override
        public void close() {
            executors.close();
            run.close();
        }
    }

    @Test
    void anotherSideComputesTheSameToTheBit() {
        TinyRun tiny = new TinyRun(
                scratch,
                "rollout.dynamics.eta=0.8",
                "rollout.shared_noise=true",
                "optimiser.micro_batch=1",
                "shards=2",
                "run.diagnose_every=1");
        try (Side here = new Side(tiny);
                Side there = new Side(tiny)) {
            List<RolloutUnit> units = here.units();
            List<RolloutUnit> crossed = units.stream()
                    .map(unit -> WorkFormat.read(RolloutUnit.class, WorkFormat.write(unit)))
                    .toList();
            try (Rollout one = here.executors.rollouts().run(units, UNWATCHED);
                    Rollout other = there.executors.rollouts().run(crossed, UNWATCHED)) {
                assertThat(pixels(other)).isDeepEqualTo(pixels(one));
                assertThat(other.rewards().totals())
                        .containsExactly(one.rewards().totals());
                requireSame(one.trajectories(), other.trajectories());
                requireSameGradients(here, there, units, one.trajectories().prompts());
            }
        }
    }

    private static void requireSameGradients(Side here, Side there, List<RolloutUnit> units, List<Prompt> prompts) {
        List<Integer> updates = new ArrayList<>();
        GradientExecutor both = work -> {
            List<GradientUnit> crossed = work.stream()
                    .map(unit -> WorkFormat.read(GradientUnit.class, WorkFormat.write(unit)))
                    .toList();
            List<GradientExecutor.Outcome> elsewhere =
                    there.executors.gradients().add(crossed);
            Map<String, float[]> expected = there.gradients();
            List<GradientExecutor.Outcome> outcomes = here.executors.gradients().add(work);
            Map<String, float[]> gradients = here.gradients();
            assertThat(gradients.keySet()).isNotEmpty().isEqualTo(expected.keySet());
            gradients.forEach(
                    (name, values) -> assertThat(expected.get(name)).as(name).containsExactly(values));
            assertThat(gradients.values()).anyMatch(values -> values[0] != 0);
            for (int i = 0; i < outcomes.size(); i++) {
                assertThat(elsewhere.get(i).metrics().values())
                        .isEqualTo(outcomes.get(i).metrics().values());
                assertThat(elsewhere.get(i).trained()).isEqualTo(outcomes.get(i).trained());
            }
            updates.add(work.size());
            return outcomes;
        };
        OpenRun run = here.run;
        new PolicyUpdater(run.config(), run.parts(), run.runtime(), both)
                .run(
                        units.get(0).sampling(),
                        prompts,
                        new int[] {0, 1, 2, 3},
                        Advantages.ofSamples(ADVANTAGES),
                        3,
                        true,
                        (stage, done, total, detail) -> {});
        assertThat(updates).as("a look at each of two steps, and the update").containsExactly(4, 4, 4);
    }

    private static byte[][] pixels(Rollout rollout) {
        return rollout.images().stream().map(made -> made.image().rgb()).toArray(byte[][]::new);
    }

    private static void requireSame(Trajectories one, Trajectories other) {
        assertThat(other.prompts()).isEqualTo(one.prompts());
        for (int step = 0; step < one.kernel().steps(); step++) {
            assertThat(other.kernel().timestep(step)).isEqualTo(one.kernel().timestep(step));
            requireSame(one.states().get(step), other.states().get(step));
            requireSame(one.logDensities().get(step), other.logDensities().get(step));
        }
        requireSame(one.state(one.kernel().steps()), other.state(one.kernel().steps()));
    }

    private static void requireSame(NDArray one, NDArray other) {
        if (one == null) {
            assertThat(other).isNull();
        } else {
            assertThat(Close.floats(other)).containsExactly(Close.floats(one));
        }
    }

    /** What a survey marked, and that it marked nothing. */
    @Test
    void marksCrossAsTheyAre() {
        double[][] marks = {{Double.NaN, -1.25}, {1, Double.NaN}};
        for (double[][] given : new double[][][] {marks, null}) {
            GradientUnit unit = new GradientUnit(
                    new PolicyVersion(3, WeightSet.LIVE, false),
                    "epoch 1",
                    new int[] {4, 2},
                    Advantages.ofSamples(1, -1),
                    new int[] {0, 1},
                    0.5,
                    0.5,
                    false,
                    7,
                    0.25,
                    given,
                    LossTerms.PENALTY,
                    false);
            GradientUnit crossed = WorkFormat.read(GradientUnit.class, WorkFormat.write(unit));
            assertThat(Arrays.deepEquals(crossed.marks(), given)).isTrue();
        }
    }

    @Test
    void workForOtherWeightsOrOtherDynamicsIsRefused() {
        try (Side side = new Side(new TinyRun(scratch))) {
            RolloutUnit unit = side.units().get(0);
            String json = new String(WorkFormat.write(unit), StandardCharsets.UTF_8);
            assertThatThrownBy(
                            () -> side.executors.rollouts().run(changed(json, "\"steps\":0", "\"steps\":7"), UNWATCHED))
                    .hasMessageContaining("after 7 optimiser steps")
                    .hasMessageContaining("there have been 0");
            assertThatThrownBy(() -> side.executors.rollouts().run(changed(json, "ddim", "ddpm"), UNWATCHED))
                    .hasMessageContaining("the run has no dynamics");
            assertThatThrownBy(() -> changed(json, "\"guidance\"", "\"direction\""))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("a unit of work: is no RolloutUnit of this version")
                    .hasMessageContaining("guidance");
        }
    }

    private static List<RolloutUnit> changed(String json, String from, String to) {
        assertThat(json).contains(from);
        return List.of(WorkFormat.read(RolloutUnit.class, json.replace(from, to).getBytes(StandardCharsets.UTF_8)));
    }
}
