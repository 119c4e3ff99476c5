package org.imagerl.toolkit.lora.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.UserException;
import org.imagerl.spi.lora.LoraWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InspectionTest {
    @TempDir
    Path folder;

    private Inspection of(String... names) {
        Map<String, Shape> tensors = new TreeMap<>();
        for (String name : names) {
            tensors.put(name, new Shape(2, 768));
        }
        return Inspection.of(
                TinyAdapters.ones(folder.resolve("x.safetensors"), tensors, Map.of("a\u001b", "b")),
                LoraFiles.builtIn());
    }

    @ParameterizedTest
    @CsvSource({
        "model.diffusion_model.input_blocks.0.0.weight first_stage_model.x, single-file checkpoint, A1111",
        "model.diffusion_model.a first_stage_model.x, single-file, 'parts in the file: UNet or transformer, VAE'",
        "input_blocks.0.0.weight output_blocks.0.a.attn2.to_k.weight time_embed.0.weight, a UNet with the names of its"
                + " own code, Stable Diffusion 1.x",
        "conv_in.weight down_blocks.0.a.attn2.to_k.weight time_embedding.linear_1.weight, a UNet, Stable Diffusion 1.x",
        "encoder.conv_in.weight decoder.conv_out.weight decoder.conv_in.weight, a VAE, latent channels: 768",
        "text_model.embeddings.token_embedding.weight, a CLIP text encoder, width: 768",
        "encoder.block.0.layer.0.SelfAttention.q.weight, a T5 text encoder, text_encoder_3",
        "encoder.block.0.layer.0.SelfAttention.q.weight, a T5 text encoder, width: 768",
        "transformer_blocks.0.attn.add_q_proj.weight pos_embed.a context_embedder.weight, an SD3 transformer, width:"
                + " 768",
        "transformer_blocks.0.attn.add_q_proj.weight pos_embed.a transformer_blocks.0.attn.norm_q.weight, an SD3,"
                + " SD3.5",
        "single_transformer_blocks.0.a.weight time_text_embed.guidance_embedder.a, a FLUX transformer, FLUX.1 dev",
        "single_transformer_blocks.0.a.weight transformer_blocks.0.attn.add_q_proj.weight, a FLUX transformer,"
                + " diffusers",
        "controlnet_cond_embedding.conv_in.weight, a ControlNet, diffusers",
        "something, no kind that is known, unknown"
    })
    void modelsAreKnownByTheirNames(String names, String what, String fact) {
        Inspection inspection = of(names.split(" "));

        assertThat(inspection.what()).contains(what);
        assertThat(inspection.lines()).anyMatch(line -> line.contains(fact));
        assertThat(inspection.lines()).anyMatch(line -> line.startsWith("tensors: "));
        assertThat(inspection.lines()).contains("metadata \"a\\u001b\": \"b\"");
    }

    @Test
    void anAdapterSaysItsRanksAlphasAndComponents() {
        LoraWeights mixed = TinyAdapters.mixed();
        Path kohya = folder.resolve("k.safetensors");
        LoraFiles.write(new KohyaLayout(), kohya, mixed, BaseModules.unknown(), DataType.FLOAT16);
        Path diffusers = LoraFiles.writeRun(folder, mixed);

        assertThat(Inspection.of(kohya, LoraFiles.builtIn()).what()).isEqualTo("a LoRA in kohya layout");
        assertThat(Inspection.of(kohya, LoraFiles.builtIn()).lines())
                .contains(
                        "layers: 7 (text_encoder 2, text_encoder_2 1, unet 4)",
                        "rank: 2 to 4, by layer",
                        "alpha: 0.30000001192092896 to 8, by layer",
                        "tensors: 14 F16 + 7 F32, " + String.format(Locale.ROOT, "%,d", bytes(mixed) * 2 + 28)
                                + " bytes",
                        "metadata \"imagerl.version\": \"1\"");
        assertThat(Inspection.of(diffusers, LoraFiles.builtIn()).lines())
                .contains("alpha: text_encoder 4, text_encoder_2 2, unet 0.3 to 8, by layer")
                .anyMatch(line -> line.startsWith("in part by: ComfyUI"))
                .contains("not by: sd-scripts");
    }

    private static int bytes(LoraWeights weights) {
        return weights.pairs().values().stream()
                .mapToInt(pair -> pair.down().length + pair.up().length)
                .sum();
    }

    @Test
    void aPeftFolderPerComponentIsInspectedAsOne() {
        LoraFiles.write(new PeftLayout(), folder, TinyAdapters.mixed(), BaseModules.unknown(), DataType.FLOAT32);

        Inspection inspection = Inspection.of(folder, LoraFiles.builtIn());

        assertThat(inspection.what()).isEqualTo("an adapter folder in peft layout");
        assertThat(inspection.lines()).contains("unet/adapter_model.safetensors: a LoRA in peft layout");
    }

    @Test
    void damagedFilesAndFoldersOfNothingAreRefused() throws IOException {
        assertThatThrownBy(() -> Inspection.of(folder, LoraFiles.builtIn())).isInstanceOf(UserException.class);
        Path cut = Files.write(folder.resolve("cut.safetensors"), new byte[] {1, 2, 3});
        assertThatThrownBy(() -> Inspection.of(cut, LoraFiles.builtIn()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("cut off");
    }
}
