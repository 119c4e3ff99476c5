package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.imagerl.config.RegistryPartCodec;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.tests.Paths;
import org.imagerl.tests.Said;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.safetensors.TensorEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint in bfloat16 stays one when a LoRA is merged into it, and its images are computed in float32. */
class StoredDtypesTest {
    private static final Path LORA = Paths.golden().resolve("lora/sd-diffusers");
    private static final List<String> WEIGHTS = List.of(
            "unet/diffusion_pytorch_model.safetensors",
            "text_encoder/model.safetensors",
            "vae/diffusion_pytorch_model.safetensors");

    @TempDir
    private Path scratch;

    private static PipelineFactory.Options options(String dtype) {
        return new PipelineFactory.Options(
                dtype, false, RegistryPartCodec.context(TinyRun.REGISTRY, Path.of("."), "cpu", 1, line -> {}));
    }

    @Test
    void whatIsMergedIsRoundedOnceAndWrittenAsItWasStored() throws IOException {
        Path half = scratch.resolve("half");
        Path exact = scratch.resolve("exact");
        PipelineFactory family = TinyRun.REGISTRY.pipeline(Paths.checkpointOfAdapters());
        try (Pipeline pipeline = family.open(Paths.checkpointOfAdapters(), options("float32"))) {
            pipeline.save(half, "bfloat16");
        }
        try (Pipeline pipeline = family.open(half, options("float32"))) {
            pipeline.loadLora(LORA, 1);
            pipeline.save(exact, "bfloat16");
        }
        Path merged = scratch.resolve("merged");
        Said said = Said.by("export", LORA, "--merge", "--checkpoint", half, "--out", merged);
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.err()).as("nothing is computed in bfloat16").doesNotContain("times as long");
        for (String weights : WEIGHTS) {
            requireAll(merged.resolve(weights), DType.BF16);
            assertThat(Files.mismatch(merged.resolve(weights), exact.resolve(weights)))
                    .as("first byte that differs in %s", weights)
                    .isEqualTo(-1);
        }
        assertThat(Files.mismatch(merged.resolve(WEIGHTS.get(0)), half.resolve(WEIGHTS.get(0))))
                .as("the LoRA changes the UNet")
                .isNotNegative();
        Path single = scratch.resolve("single.safetensors");
        assertThat(Said.by("export", LORA, "--single-file", single, "--checkpoint", half)
                        .code())
                .isZero();
        requireAll(single, DType.BF16);

        Path images = scratch.resolve("images");
        Said sampled = Said.by("sample", "--checkpoint", half, "--prompt", "a cat", "--steps", "1", "--out", images);
        assertThat(sampled.code()).as(sampled.err()).isZero();
        assertThat(sampled.err()).contains("stored in bfloat16", "images are computed in float32");
    }

    private static void requireAll(Path weights, DType dtype) {
        try (SafetensorsFile file = SafetensorsFile.open(weights)) {
            assertThat(file.entries())
                    .as("%s", weights)
                    .extracting(TensorEntry::dtype)
                    .containsOnly(dtype);
        }
    }
}
