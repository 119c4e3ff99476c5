package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.tests.Paths;
import org.imagerl.tests.Said;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.safetensors.SafetensorsWriter;
import org.imagerl.toolkit.safetensors.TensorEntry;
import org.imagerl.toolkit.safetensors.TensorSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checkpoints whose numbers overflow while images are made: such a sample is no image. */
class NotANumberTest {
    /** Finite in float32, but nothing that is multiplied by it is. */
    private static final float HUGE = 3e38f;

    @TempDir
    Path scratch;

    @ParameterizedTest
    @CsvSource({
        "vae, diffusion_pytorch_model, decoder.conv_out.weight, the VAE",
        "unet, diffusion_pytorch_model, conv_out.weight, the denoiser",
        "text_encoder, model, text_model.final_layer_norm.weight, the text encoder",
    })
    void theFirstComponentThatOverflowsIsNamedAndNoImageIsWritten(
            String component, String stem, String key, String named) throws IOException {
        Path checkpoint = checkpoint();
        rewrite(checkpoint.resolve(component).resolve(stem + ".safetensors"), key, HUGE);
        Said said = sample(checkpoint);
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains("2 of 2 images could not be made").contains(named + " gave");
        assertThat(scratch.resolve("out")).isDirectoryNotContaining("glob:**.png");
    }

    @Test
    void aWeightThatIsNoNumberIsNamedWithItsFileBeforeAnythingIsMade() throws IOException {
        Path checkpoint = checkpoint();
        rewrite(checkpoint.resolve("vae/diffusion_pytorch_model.safetensors"), "decoder.conv_in.bias", Float.NaN);
        Said said = sample(checkpoint);
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err())
                .contains("vae/diffusion_pytorch_model.safetensors: tensor \"decoder.conv_in.bias\"")
                .contains("NaN or infinite");
    }

    @Test
    void aTrainingOfWhichNoSampleIsAnImageStopsAndWritesNoLora() throws IOException {
        Path checkpoint = checkpoint();
        rewrite(checkpoint.resolve("vae/diffusion_pytorch_model.safetensors"), "decoder.conv_out.weight", HUGE);
        Path prompts = Files.writeString(scratch.resolve("p.txt"), "a cat\na dog\n");
        Path config = Files.writeString(
                scratch.resolve("c.yaml"), """
                checkpoint: %s
                prompts: %s
                device: cpu
                epochs: 2
                run: {folder: %s}
                algorithm: {preset: ddpo}
                rollout: {steps: 2, guidance: 1.0, prompts_per_epoch: 2, samples_per_prompt: 2, batch_size: 4}
                optimiser: {updates_per_epoch: 1, micro_batch: 4}
                rewards: [{type: jpeg-compressibility}]
                samples: {prompts: 1, seeds: [0]}
                """.formatted(checkpoint, prompts, scratch.resolve("runs")));
        Said said = Said.by("train", config);
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains("samples became an image").contains("the VAE gave");
        try (Stream<Path> files = Files.walk(scratch.resolve("runs"))) {
            assertThat(files.map(Path::toString)).noneMatch(file -> file.contains("lora") || file.endsWith(".png"));
        }
    }

    private Said sample(Path checkpoint) {
        return Said.by(
                "sample",
                "--checkpoint",
                checkpoint,
                "--prompt",
                "a cat",
                "--seeds",
                "0-1",
                "--steps",
                "1",
                "--guidance",
                "1",
                "--device",
                "cpu",
                "--out",
                scratch.resolve("out"));
    }

    private Path checkpoint() throws IOException {
        Path target = scratch.resolve("checkpoint");
        Path source = Paths.tinyCheckpoint();
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve(source.relativize(file).toString()));
            }
        }
        return target;
    }

    /** All values of a tensor become one value; the file is float32 afterwards. */
    private static void rewrite(Path path, String key, float value) {
        List<TensorSource> tensors;
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            tensors = file.entries().stream()
                    .filter(entry -> entry.dtype().isFloat())
                    .map(entry -> source(entry, file, key, value))
                    .toList();
            assertThat(file.names()).contains(key);
        }
        SafetensorsWriter.write(path, tensors, Map.of());
    }

    private static TensorSource source(TensorEntry entry, SafetensorsFile file, String key, float value) {
        float[] values = file.floats(entry.name());
        if (entry.name().equals(key)) {
            Arrays.fill(values, value);
        }
        return TensorSource.ofFloats(entry.name(), DType.F32, entry.shape(), values);
    }
}
