package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.diffusion.pipeline.StableDiffusion;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Context;
import org.imagerl.spi.FixedAdapter;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.TestImages;
import org.imagerl.tests.Paths;
import org.imagerl.toolkit.tensor.Gradients;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A teacher with an adapter of its own, which an earlier run trained. */
class TeacherRunTest {
    @TempDir
    Path scratch;

    private TinyRun teacher;

    @BeforeEach
    void trainTheTeacher() throws IOException {
        PngWriter.write(scratch.resolve("0.png"), TestImages.noise(16, 16, 0), Map.of());
        Files.writeString(scratch.resolve("shown.csv"), "prompt,image\nthe cat,0.png\n");
        teacher = new TinyRun(
                scratch.resolve("teacher"),
                "prompts=null",
                "data={type: demonstrations, file: ../shown.csv}",
                "algorithm=sft",
                "evaluation=null",
                "tuning.init=gaussian",
                "rollout.dynamics={type: ddim}",
                "rollout.prompts_per_epoch=1",
                "rollout.batch_size=1",
                "optimiser={learning_rate: 0.05, micro_batch: 1, updates_per_epoch: 1}",
                "epochs=3",
                "samples={prompts: 1, seeds: [0]}");
        assertThat(teacher.start().finished()).isTrue();
    }

    private TinyRun student(String name, Path lora, String... more) {
        return new TinyRun(
                scratch.resolve(name),
                Stream.concat(
                                Stream.of(
                                        "algorithm={preset: diffusion-opd, guidance: 1.0, objective: {teacher_lora: "
                                                + lora.toString().replace('\\', '/') + "}}",
                                        "rollout.guidance=1.0",
                                        "rollout.dynamics={type: ddim}",
                                        "tuning={type: lora, rank: 3, alpha: 3.0, init: gaussian, targets: [to_q, to_k]}",
                                        "optimiser={learning_rate: 5.0e-3, micro_batch: 2, updates_per_epoch: 1}",
                                        "epochs=4"),
                                Stream.of(more))
                        .toArray(String[]::new));
    }

    /** The student's adapter has another rank and other layers. A run that was stopped goes on to the bit. */
    @Test
    void theStudentComesNearerToTheTeacher() {
        Path lora = teacher.path().resolve("pytorch_lora_weights.safetensors");
        TinyRun whole = student("whole", lora);
        TinyRun parts = student("parts", teacher.path());
        assertThat(whole.start().finished()).isTrue();
        double first = whole.rows().get(1L).get("teacher_distance");
        assertThat(first).isPositive();
        assertThat(whole.rows().get(4L).get("teacher_distance")).isLessThan(first);
        assertThat(parts.start(TinyRun.stopAfter(1)).finished()).isFalse();
        assertThat(parts.resume(TinyRun.stopAfter(9)).finished()).isTrue();
        parts.requireSameFile(whole, "pytorch_lora_weights.safetensors");
        assertThat(Files.exists(whole.path().resolve("provenance.json"))).isTrue();
    }

    /** Three calls of the teacher for each of the student's steps, on the states that it went through. */
    @Test
    void aTeacherOfMoreStepsIsApproached() {
        TinyRun run = student(
                "few",
                teacher.path(),
                "algorithm.objective.states={type: sampled, teacher_calls: 3}",
                "rollout.dynamics={type: ode}",
                "rollout.steps=2",
                "epochs=3");
        assertThat(run.start().finished()).isTrue();
        double first = run.rows().get(1L).get("teacher_distance");
        assertThat(first).isPositive();
        assertThat(run.rows().get(3L).get("teacher_distance")).isLessThan(first);
        assertThatThrownBy(() -> student(
                                "noisy",
                                teacher.path(),
                                "algorithm.objective.states={type: sampled, teacher_calls: 3}",
                                "rollout.dynamics={type: ddim, eta: 1.0}")
                        .start())
                .hasMessageContaining("algorithm.objective.states.teacher_calls: is 3, and the rollouts add noise");
    }

    @Test
    void anAdapterThatDoesNotFitIsRefused() {
        assertThatThrownBy(() ->
                        student("none", scratch.resolve("none.safetensors")).start())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("none.safetensors");
    }

    private static Pipeline open() {
        Context context = new Context(Path.of("."), "cpu", 1, line -> {});
        return StableDiffusion.FAMILY.open(
                Paths.tinyCheckpoint(), new PipelineFactory.Options("float32", false, context));
    }

    /** In force it is the same adapter merged into the weights, and out of force nothing. */
    @Test
    void anAdapterInForceIsTheMergedOne() {
        Path lora = teacher.path().resolve("pytorch_lora_weights.safetensors");
        try (Pipeline plain = open();
                Pipeline merged = open();
                NDManager manager = plain.manager().newSubManager()) {
            merged.loadLora(lora, 0.5);
            FixedAdapter adapter = plain.adapter(lora, 0.5);
            float[] before = output(plain, manager);
            assertThat(adapter.with(() -> output(plain, manager)))
                    .usingComparatorWithPrecision(1e-4f)
                    .containsExactly(output(merged, manager))
                    .isNotEqualTo(before);
            assertThat(output(plain, manager)).isEqualTo(before);
            adapter.close();
            assertThat(output(plain, manager)).isEqualTo(before);
        }
    }

    private static float[] output(Pipeline pipeline, NDManager manager) {
        return Gradients.off(() -> {
            long[] shape = pipeline.latentShape(16, 16);
            NDArray latents = manager.ones(new Shape(1, shape[0], shape[1], shape[2]), DataType.FLOAT32);
            Conditioning encoded = pipeline.encode(manager, List.of("the cat"), List.of(), new ImageSize(16, 16));
            return pipeline.denoise(latents, new double[] {400}, encoded.positive())
                    .toFloatArray();
        });
    }
}
