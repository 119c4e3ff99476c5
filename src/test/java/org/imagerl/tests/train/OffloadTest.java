package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.imagerl.diffusion.pipeline.StableDiffusion;
import org.imagerl.spi.Checkpointing;
import org.imagerl.spi.Context;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.PipelineFactory.Dtypes;
import org.imagerl.spi.PipelineFactory.Memory;
import org.imagerl.spi.Tuning;
import org.imagerl.spi.TuningSpec;
import org.imagerl.tests.Close;
import org.imagerl.tests.Paths;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Text encoders and VAE that are in memory only while they are used, and prompts that are encoded once. */
class OffloadTest {
    private static final ImageSize SIZE = new ImageSize(16, 16);

    @TempDir
    private Path scratch;

    private static Pipeline open(boolean offload, @Nullable Path cache) {
        Context context = new Context(Path.of("."), "cpu", 1, line -> {});
        Memory memory = new Memory(Checkpointing.FALSE, false, false, offload, cache);
        return StableDiffusion.FAMILY.open(
                Paths.tinyCheckpoint(),
                new PipelineFactory.Options(Dtypes.all("float32"), memory, PipelineFactory.Model.USUAL, context));
    }

    private static float[] embedding(Pipeline pipeline, String... texts) {
        float[][] values = new float[1][];
        Scope.run(() -> Gradients.off(() -> {
            Map<String, NDArray> made = pipeline.encode(pipeline.manager(), List.of(texts), List.of(), SIZE)
                    .positive();
            values[0] =
                    Objects.requireNonNull(made.get("encoder_hidden_states")).toFloatArray();
            return values;
        }));
        return values[0];
    }

    private static float[] image(Pipeline pipeline) {
        float[][] values = new float[1][];
        Scope.run(() -> Gradients.off(() -> {
            NDArray latents = Kernels.randn(pipeline.manager(), 1, new Shape(2, 4, 8, 8));
            values[0] = pipeline.decode(latents).toFloatArray();
            return values;
        }));
        return values[0];
    }

    private static int arrays(NDManager manager) {
        return manager.getManagedArrays().size();
    }

    @Test
    void whatIsNotUsedIsFreedAndTheNumbersStayTheSame() {
        try (Pipeline whole = open(false, null);
                Pipeline lean = open(true, null)) {
            int denoiser = arrays(lean.manager());
            assertThat(denoiser).isLessThan(arrays(whole.manager()));
            for (int time = 0; time < 2; time++) {
                assertThat(embedding(lean, "the cat", "a dog")).isEqualTo(embedding(whole, "the cat", "a dog"));
                assertThat(image(lean)).isEqualTo(image(whole));
                assertThat(arrays(lean.manager())).isEqualTo(denoiser);
            }
            lean.save(scratch.resolve("saved"), "float32");
            assertThat(arrays(lean.manager())).isEqualTo(denoiser);
        }
    }

    @Test
    void aTunedTextEncoderStaysAndIsNotTakenFromDisk() {
        Path cache = scratch.resolve("cache");
        try (Pipeline pipeline = open(true, cache)) {
            int denoiser = arrays(pipeline.manager());
            float[] before = embedding(pipeline, "the cat");
            Tuning tuning = pipeline.tune(
                    new TuningSpec.Lora(
                            List.of("text_encoder"), 2, 2, List.of("q_proj"), TuningSpec.Lora.Init.GAUSSIAN),
                    1);
            assertThat(arrays(pipeline.manager())).isGreaterThan(denoiser);
            assertThat(embedding(pipeline, "the cat")).isEqualTo(before); // nothing is learnt yet
            Gradients.off(() -> {
                tuning.parameters().values().forEach(tensor -> tensor.addi(1));
                return tuning;
            });
            assertThat(embedding(pipeline, "the cat")).isNotEqualTo(before);
        }
    }

    @Test
    void encodedPromptsAreKeptFromRunToRun() {
        Path cache = scratch.resolve("cache");
        float[] exact;
        try (Pipeline plain = open(false, null)) {
            exact = embedding(plain, "the cat", "a dog");
        }
        float[] first;
        try (Pipeline pipeline = open(true, cache)) {
            first = embedding(pipeline, "the cat", "a dog");
            Close.require("encoded one by one", first, exact, 1e-5);
        }
        assertThat(Objects.requireNonNull(cache.toFile().list())).hasSize(2);
        try (Pipeline pipeline = open(true, cache)) {
            float[] swapped = embedding(pipeline, "a dog", "the cat");
            int half = swapped.length / 2;
            assertThat(Arrays.copyOf(swapped, half)).isEqualTo(Arrays.copyOfRange(first, half, 2 * half));
        }
        assertThat(Objects.requireNonNull(cache.toFile().list())).hasSize(2);
    }

    @Test
    void aRunIsTheSameWithAndWithoutOffload() {
        String[] small = {"epochs=1", "evaluation.samples_per_prompt=1", "samples={prompts: 1, seeds: [0]}"};
        TinyRun whole = new TinyRun(scratch.resolve("whole"), small);
        whole.start();
        TinyRun lean = new TinyRun(
                scratch.resolve("lean"),
                Stream.concat(Stream.of(small), Stream.of("memory.offload=true"))
                        .toArray(String[]::new));
        lean.start();
        assertThat(lean.rows()).isEqualTo(whole.rows());
    }
}
