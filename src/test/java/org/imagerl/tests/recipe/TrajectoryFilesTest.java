package org.imagerl.tests.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.diffusion.ddim.DdimDynamics;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.UserException;
import org.imagerl.tests.Close;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.safetensors.SafetensorsWriter;
import org.imagerl.toolkit.safetensors.TensorSource;
import org.imagerl.toolkit.sampling.KernelSpec;
import org.imagerl.training.work.TrajectoryFiles;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rollouts with guidance on disk. */
class TrajectoryFilesTest {
    private static final KernelSpec DDIM =
            new KernelSpec("{\"type\":\"ddim\",\"eta\":1.0}", 16, 16, TinyPolicy.STEPS, new KernelSpec.Drawn(4, -1));
    private static final double[] ADVANTAGES = {1, -0.5, 2, 0.25};

    @TempDir
    private Path scratch;

    private TinyPolicy tiny;
    private NDManager manager;
    private Trajectories made;

    @BeforeEach
    void roll() {
        tiny = TinyPolicy.trained(TinyPolicy.ATTENTION, 2);
        manager = tiny.pipeline.manager().newSubManager();
        Trajectories whole = tiny.rollout();
        List<Prompt> prompts = new ArrayList<>(whole.prompts());
        prompts.set(1, new Prompt("übrig", "\"the dog\" \u2028", Map.of("text", "Ω", Prompt.NEGATIVE, "")));
        made = new Trajectories(
                whole.kernel(), prompts, whole.conditioning(), whole.states(), whole.logDensities(), whole.noises());
    }

    @AfterEach
    void close() {
        tiny.close();
    }

    private TransitionKernel kernel(KernelSpec spec) {
        assertThat(spec).isEqualTo(DDIM);
        return spec.kernel(
                new DdimDynamics(new DdimDynamics.Config(1)), tiny.pipeline.schedule(spec.width(), spec.height()));
    }

    private Trajectories through(Trajectories trajectories, DType dtype) {
        Path file = scratch.resolve(dtype + ".safetensors");
        TrajectoryFiles.write(file, trajectories, DDIM, dtype);
        return TrajectoryFiles.read(file, manager, this::kernel);
    }

    @Test
    void inFloat32AreTheSameToTheBitAndGiveTheSameGradients() {
        Trajectories read = through(made, DType.F32);
        assertThat(read.prompts()).isEqualTo(made.prompts());
        requireSame(read.states(), made.states());
        requireSame(read.logDensities(), made.logDensities());
        requireSame(read.noises(), made.noises());
        requireSameConditioning(read);
        Map<String, float[]> expected = tiny.gradients(TinyPolicy.ddpo(), TinyPolicy.batch(made, ADVANTAGES), 1);
        tiny.gradients(TinyPolicy.ddpo(), TinyPolicy.batch(read, ADVANTAGES), 1)
                .forEach((name, gradient) -> assertThat(gradient).as(name).containsExactly(expected.get(name)));
    }

    @Test
    void inFloat16AreRoundedToNearestAndTheirDensitiesAreNot() {
        Trajectories read = through(made, DType.F16);
        requireSame(read.logDensities(), made.logDensities());
        requireSameConditioning(read);
        int rounded = 0;
        for (int step = 0; step <= TinyPolicy.STEPS; step++) {
            float[] expected = Close.floats(made.state(step));
            float[] values = Close.floats(read.state(step));
            for (int i = 0; i < values.length; i++) {
                assertThat((double) Math.abs(values[i] - expected[i]))
                        .isLessThanOrEqualTo(Math.max(0x1p-11 * Math.abs(expected[i]), 0x1p-25));
                rounded += values[i] == expected[i] ? 0 : 1;
            }
        }
        assertThat(rounded).isPositive();
    }

    /** What was not stored is not there afterwards. */
    @Test
    void keepTheStepsThatWereStored() {
        List<NDArray> states = new ArrayList<>(made.states());
        states.set(1, null);
        Trajectories read = through(
                new Trajectories(made.kernel(), made.prompts(), made.conditioning(), states, made.logDensities()),
                DType.F32);
        requireSame(read.states(), states);
        assertThat(read.noises()).hasSize(TinyPolicy.STEPS).containsOnlyNulls();
    }

    @Test
    void otherFilesAreRefused() {
        Path file = scratch.resolve("other.safetensors");
        TensorSource two = TensorSource.ofFloats("state.4", DType.F32, new Shape(2, 1), new float[] {1, 2});
        SafetensorsWriter.write(file, List.of(two), Map.of());
        assertThatThrownBy(() -> TrajectoryFiles.read(file, manager, this::kernel))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no file of trajectories");
        through(made, DType.F32);
        Map<String, String> header;
        try (SafetensorsFile whole = SafetensorsFile.open(scratch.resolve("F32.safetensors"))) {
            header = whole.metadata();
        }
        SafetensorsWriter.write(file, List.of(two), header);
        assertThatThrownBy(() -> TrajectoryFiles.read(file, manager, this::kernel))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("there are 4 prompts");
        SafetensorsWriter.write(
                file, List.of(two), Map.of(header.keySet().iterator().next(), "{}"));
        assertThatThrownBy(() -> TrajectoryFiles.read(file, manager, this::kernel))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("is no TrajectoryHeader of this version");
        SafetensorsWriter.write(file, List.of(), header);
        assertThatThrownBy(() -> TrajectoryFiles.read(file, manager, this::kernel))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("has no tensor");
    }

    private void requireSameConditioning(Trajectories read) {
        requireSame(read.conditioning().positive(), made.conditioning().positive());
        requireSame(read.conditioning().negative(), made.conditioning().negative());
        assertThat(read.conditioning().guided()).isTrue();
    }

    private static void requireSame(Map<String, NDArray> read, Map<String, NDArray> expected) {
        assertThat(read.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, tensor) -> {
            assertThat(read.get(name).getDataType()).isEqualTo(tensor.getDataType());
            assertThat(Close.floats(read.get(name))).as(name).containsExactly(Close.floats(tensor));
        });
    }

    private static void requireSame(List<NDArray> read, List<NDArray> expected) {
        assertThat(read).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            if (expected.get(i) == null) {
                assertThat(read.get(i)).isNull();
            } else {
                assertThat(read.get(i).getShape()).isEqualTo(expected.get(i).getShape());
                assertThat(Close.floats(read.get(i))).containsExactly(Close.floats(expected.get(i)));
            }
        }
    }
}
