package org.imagerl.toolkit.lora.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.UserException;
import org.imagerl.spi.lora.LoraPair;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DottedNamesTest {
    @TempDir
    Path folder;

    private Path file(Map<String, Shape> tensors, Map<String, String> metadata) {
        return TinyAdapters.ones(folder.resolve("x.safetensors"), tensors, metadata);
    }

    private static DottedNames names(String name, BaseModules base) {
        return new DottedNames("x.safetensors", List.of(name), base);
    }

    @ParameterizedTest
    @CsvSource({
        "mid_block.attentions.0.proj_in, unet.mid_block.attentions.0.proj_in",
        "lora_unet.up_blocks.0.resnets.1.conv1, unet.up_blocks.0.resnets.1.conv1",
        "diffusion_model.transformer_blocks.0.attn.to_q, transformer.transformer_blocks.0.attn.to_q",
        "transformer.context_embedder, transformer.context_embedder",
        "text_encoders.clip_g.transformer.text_model.a, text_encoder_2.text_model.a",
        "lora_te1.text_model.a, text_encoder.text_model.a",
        "text_encoders.t5xxl.transformer.encoder.a, text_encoder_3.encoder.a"
    })
    void aNameWithAnotherToolsPrefixIsAPath(String name, String path) {
        DottedNames names = names(name, BaseModules.unknown());
        assertThat(names.target(name)).isEqualTo(path);
        assertThat(names.component(name)).contains(Component.of(path));
    }

    @Test
    void t5IsTheSecondTextEncoderOfFlux() {
        BaseModules flux = BaseModules.of(Map.of("transformer.x_embedder", new Shape(4, 4)));
        String name = "text_encoders.t5xxl.transformer.encoder.block.0.layer.0.SelfAttention.q";
        assertThat(names(name, flux).target(name)).startsWith("text_encoder_2.encoder.block.0.");
    }

    @Test
    void kohyasNamesOfT5InFluxAndLycorisNamesAreKnown() {
        BaseModules flux = BaseModules.of(Map.of(
                "transformer.x_embedder", new Shape(4, 4),
                "transformer.transformer_blocks.0.attn.to_q", new Shape(4, 4),
                "text_encoder_2.encoder.block.0.layer.0.SelfAttention.q", new Shape(4, 4)));
        KohyaNames names = new KohyaNames(flux);
        assertThat(names.path("x", "lora_te3_encoder_block_0_layer_0_SelfAttention_q"))
                .isEqualTo("text_encoder_2.encoder.block.0.layer.0.SelfAttention.q");
        assertThat(names.path("x", "lycoris_transformer_blocks_0_attn_to_q"))
                .isEqualTo("transformer.transformer_blocks.0.attn.to_q");
    }

    @Test
    void aLayerOfAUnetsOwnCodeNeedsTheCheckpoint() {
        String name = "diffusion_model.input_blocks.1.1.proj_in";
        DottedNames names = names(name, BaseModules.unknown());
        assertThat(names.component(name)).contains(Component.UNET);
        assertThatThrownBy(() -> names.target(name))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(name, "checkpoint");
    }

    @ParameterizedTest
    @CsvSource({
        "diffusion_model.layers.0.attention.qkv",
        "double_blocks.0.img_attn.other",
        "diffusion_model.double_blocks.0.norm"
    })
    void aLayerOfNoKnownModelIsNamed(String name) {
        assertThatThrownBy(() -> names(name, BaseModules.unknown()).target(name))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(name, "of no known component");
    }

    /** {@code save_lora_adapter} writes neither the component before the names nor before the keys of the configuration. */
    @Test
    void aConfigurationWithoutComponentIsThatOfTheOnlyOne() {
        Map<String, Shape> tensors =
                new TreeMap<>(TinyAdapters.one("mid_block.a.to_q.lora_A.weight", "mid_block.a.to_q.lora_B.weight"));
        tensors.putAll(TinyAdapters.one("conv_in.lora_A.weight", "conv_in.lora_B.weight"));
        Path path = file(
                tensors,
                Map.of(
                        "lora_adapter_metadata",
                        "{\"r\": 2, \"lora_alpha\": 8, \"alpha_pattern\": {\"conv_in\": 3}, \"peft_type\": \"LORA\"}"));
        Map<String, LoraPair> pairs =
                LoraFiles.builtIn().read(path, BaseModules.unknown()).pairs();
        assertThat(pairs.keySet()).containsExactly("unet.conv_in", "unet.mid_block.a.to_q");
        assertThat(pairs.values()).extracting(LoraPair::alpha).containsExactly(3.0, 8.0);
        assertThat(Inspection.of(path, LoraFiles.builtIn()).lines())
                .contains("alpha: unet 3 to 8, by layer")
                .anyMatch(line -> line.startsWith("loaded by: diffusers (load_lora_adapter"));
    }

    @Test
    void bundledEmbeddingsAreNotReadAndThatIsSaid() {
        Map<String, Shape> tensors = new TreeMap<>(
                TinyAdapters.one("lora_unet.mid_block.x.lora_down.weight", "lora_unet.mid_block.x.lora_up.weight"));
        tensors.put("bundle_emb.tok.string_to_param.*", new Shape(2, 4));
        tensors.put("bundle_emb.tok.clip_l", new Shape(2, 4));
        Path path = file(tensors, Map.of());
        assertThat(LoraFiles.builtIn().read(path, BaseModules.unknown()).pairs())
                .containsOnlyKeys("unet.mid_block.x");
        assertThat(LoraFiles.builtIn().notes(path)).singleElement().asString().contains("\"tok\"", "not read");
        assertThat(Inspection.of(path, LoraFiles.builtIn()).lines())
                .contains(LoraFiles.builtIn().notes(path).get(0));
    }

    @Test
    void aFileOfBundledEmbeddingsAloneIsInspected() {
        Path path = file(Map.of("bundle_emb.tok.lora_A.weight", new Shape(2, 4)), Map.of());
        assertThat(Inspection.of(path, LoraFiles.builtIn()).lines())
                .startsWith("layers: none")
                .anyMatch(line -> line.contains("\"tok\"") && line.contains("not read"))
                .noneMatch(line -> line.startsWith("loaded by"));
    }

    @Test
    void twoNamesOfOneLayerAreRefused() {
        Map<String, Shape> tensors =
                new TreeMap<>(TinyAdapters.one("mid_block.x.lora_A.weight", "mid_block.x.lora_B.weight"));
        tensors.putAll(TinyAdapters.one("unet.mid_block.x.lora_A.weight", "unet.mid_block.x.lora_B.weight"));
        Path path = file(tensors, Map.of());
        assertThatThrownBy(() -> LoraFiles.builtIn().read(path, BaseModules.unknown()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("one adapter only");
    }
}
