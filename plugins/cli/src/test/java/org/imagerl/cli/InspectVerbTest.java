package org.imagerl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.toolkit.lora.files.LoraFiles;
import org.imagerl.toolkit.lora.files.LoraPair;
import org.imagerl.toolkit.lora.files.LoraWeights;
import org.imagerl.toolkit.safetensors.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectVerbTest {
    @TempDir
    private Path folder;

    /** A LoRA of rank 1 on one layer. */
    static Path lora(Path folder) {
        LoraPair pair =
                new LoraPair(new float[] {1, 2}, new Shape(1, 2), new float[] {3, 4, 5}, new Shape(3, 1), 2, DType.F32);
        String layer = "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q";
        return LoraFiles.writeDiffusers(folder, LoraWeights.of(Map.of(layer, pair), Map.of("seed", "7")), DType.F32);
    }

    @Test
    void aLoraIsNamedWithItsLayoutAndTools() {
        Run run = Run.of("inspect", lora(folder).toString());
        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains("a LoRA in diffusers layout")
                .contains("loaded by: diffusers")
                .contains("imagerl.seed");
    }

    @Test
    void aCheckpointIsNamedWithThePipelineThatLoadsIt() throws IOException {
        Files.writeString(
                folder.resolve("model_index.json"),
                "{\"_class_name\": \"StableDiffusionPipeline\", \"scheduler\": [\"diffusers\", \"DDIMScheduler\"]}");
        Run run = Run.of("inspect", folder.toString());
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("StableDiffusionPipeline").contains("imagerl (pipeline stable-diffusion)");
    }

    @Test
    void aCheckpointOfAnotherClassIsSaidNotToBeLoaded() throws IOException {
        Files.writeString(folder.resolve("model_index.json"), "{\"_class_name\": \"KandinskyPipeline\"}");
        assertThat(Run.of("inspect", folder.toString()).out()).contains("not loaded by imagerl");
    }

    @Test
    void aDamagedFileIsAnInputErrorInOneLine() throws IOException {
        Path file = Files.write(folder.resolve("cut.safetensors"), new byte[] {1, 2, 3});
        Run run = Run.of("inspect", file.toString());
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err().lines().toList()).hasSize(1).allMatch(line -> line.startsWith("imagerl: " + file));
    }

    @Test
    void exportWritesTheLayoutsThatWereAskedForAndNeverOverwrites() {
        Path lora = lora(folder);
        Path kohya = folder.resolve("out.safetensors");
        assertThat(Run.of("export", lora.toString(), "--format", "kohya", "--out", kohya.toString())
                        .code())
                .isZero();
        assertThat(Run.of("inspect", kohya.toString()).out())
                .contains("a LoRA in kohya layout")
                .contains("ss_seed")
                .contains("ss_output_name");
        Run again = Run.of("export", lora.toString(), "--format", "kohya", "--out", kohya.toString());
        assertThat(again.code()).isEqualTo(2);
        assertThat(again.err()).contains("exists already");
        List<String> peft = List.of("export", lora.toString(), "--format", "peft", "--out", folder + "/peft");
        assertThat(Run.of(peft.toArray(String[]::new)).code()).isZero();
        assertThat(Run.of("inspect", folder + "/peft").out()).contains("a PEFT adapter folder");
    }

    @Test
    void anExportOfSomethingElseIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("a.txt"), "no LoRA");
        Run run = Run.of("export", file.toString(), "--out", folder + "/b.safetensors");
        assertThat(run.code()).isEqualTo(2);
        assertThat(folder.resolve("b.safetensors")).doesNotExist();
    }
}
