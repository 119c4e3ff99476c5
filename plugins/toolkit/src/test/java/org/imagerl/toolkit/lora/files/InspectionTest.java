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

    private Path file(String... names) {
        Map<String, Shape> tensors = new TreeMap<>();
        for (String name : names) {
            tensors.put(name, new Shape(2, 768));
        }
        return TinyAdapters.ones(folder.resolve("x.safetensors"), tensors, Map.of("a\u001b", "b"));
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
        "something another, no kind that is known, unknown"
    })
    void modelsAreKnownByTheirNames(String names, String what, String fact) {
        Inspection inspection = Inspection.of(file(names.split(" ")), LoraFiles.builtIn());

        assertThat(inspection.what()).contains(what);
        assertThat(inspection.lines()).anyMatch(line -> line.contains(fact));
        assertThat(inspection.lines()).anyMatch(line -> line.startsWith("tensors: "));
        assertThat(inspection.lines()).contains("metadata \"a\\u001b\": \"b\"");
    }

    /** The names are those by which diffusers and ComfyUI know the models; all tensors here have the shape (2, 768). */
    @ParameterizedTest
    @CsvSource({
        "head.modulation, Wan",
        "model.diffusion_model.head.modulation, Wan",
        "txt_in.individual_token_refiner.blocks.0.norm1.weight double_blocks.0.img_attn.norm.key_norm.scale, Hunyuan Video",
        "mlp_t5.0.weight, Hunyuan DiT",
        "t_block.1.weight blocks.0.cross_attn.q_linear.weight, PixArt",
        "adaln_single.emb.timestep_embedder.linear_1.bias pos_embed.proj.bias, PixArt",
        "encoder_hid_proj.weight add_embedding.linear_1.weight conv_in.weight down_blocks.0 time_embedding.a, Kolors",
        "double_layers.0.attn.w1q.weight, AuraFlow",
        "t_block.1.weight blocks.0.mlp.inverted_conv.conv.weight, Sana",
        "cap_embedder.1.weight layers.0.adaLN_modulation.1.weight, Lumina",
        "cap_embedder.1.weight layers.0.adaLN_modulation.0.weight, Z-Image",
        "clf.1.weight clip_txt_mapper.weight, stage C of Stable Cascade",
        "clf.1.weight clip_mapper.weight, stage B of Stable Cascade",
        "model.diffusion_model.input_blocks.1.1.time_stack.0.attn1.to_q.weight, Stable Video Diffusion",
        "zero_convs.0.0.weight input_blocks.0.0.weight, a ControlNet",
        "controlnet_cond_embedding.conv_in.weight, a ControlNet",
        "control_model.zero_convs.0.0.weight, a ControlNet",
        "adapter.body.0.resnets.0.block1.weight, a T2I-Adapter",
        "image_proj.proj.weight ip_adapter.1.to_k_ip.weight, an IP-Adapter",
        "emb_params, textual inversion",
        "<cat>, textual inversion",
        "clip_g clip_l, textual inversion",
        "net.x_embedder.proj.1.weight, Cosmos",
        "transformer_blocks.0.img_mlp.a txt_norm.weight, Qwen-Image",
        "distilled_guidance_layer.in_proj.bias double_blocks.0.img_attn.norm.key_norm.scale, Chroma",
        "encoder.conv_in.weight decoder.conv_out.weight decoder.conv_in.weight, --component vae=FILE",
        "text_model.embeddings.token_embedding.weight, --component text_encoder=FILE",
        "encoder.block.0.layer.0.SelfAttention.q.weight, text_encoder_3=FILE",
        "model.embed_tokens.weight model.layers.0.self_attn.q_proj.weight, a language model",
        "conv_first.weight body.0.rdb1.conv1.weight, a model that enlarges finished images",
        "model.diffusion_model.output_blocks.0.0.in_layers.0.weight, no tensor \"model.diffusion_model.input_blocks.0.0",
        "output_blocks.0.0.in_layers.0.weight time_embed.0.weight, no tensor \"input_blocks.0.0.weight\"",
        "double_blocks.1.img_attn.qkv.weight, by which FLUX.1 is known",
        "unet.a.lora_A.weight unet.a.lora_B.weight, sample --lora FILE",
        "lora_unet_a.hada_w1_a lora_unet_a.hada_w1_b lora_unet_a.hada_w2_a, an adapter: this is LoHa",
    })
    void whatIsNoCheckpointIsNamedWithWhatToDo(String names, String said) {
        assertThat(Inspection.asCheckpoint(file(names.split(" ")), LoraFiles.builtIn())
                        .orElseThrow())
                .contains(said);
    }

    @ParameterizedTest
    @CsvSource({"384, FLUX.1 Fill", "128, FLUX.1 for control", "64, by which FLUX.1 is known"})
    void aSizeTellsVariantsApart(long inputs, String said) {
        Map<String, Shape> tensors = Map.of(
                "img_in.weight", new Shape(2, inputs),
                "guidance_in.in_layer.bias", new Shape(2),
                "double_blocks.0.img_attn.norm.query_norm.scale", new Shape(2));
        Path file = TinyAdapters.ones(folder.resolve("x.safetensors"), tensors, Map.of());
        assertThat(Inspection.asCheckpoint(file, LoraFiles.builtIn()).orElseThrow())
                .contains(said);
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
