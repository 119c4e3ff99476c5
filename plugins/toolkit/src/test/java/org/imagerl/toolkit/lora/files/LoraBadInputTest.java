package org.imagerl.toolkit.lora.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsWriter;
import org.imagerl.toolkit.safetensors.TensorSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoraBadInputTest {
    private static final String DOWN = "unet.mid_block.x.lora_A.weight";
    private static final String UP = "unet.mid_block.x.lora_B.weight";

    @TempDir
    Path folder;

    private Path file(Map<String, Shape> tensors, Map<String, String> metadata) {
        return TinyAdapters.ones(folder.resolve("x.safetensors"), tensors, metadata);
    }

    private void assertRefused(Path path, String... reasons) {
        assertThatThrownBy(() -> LoraFiles.builtIn().read(path, BaseModules.unknown()))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(reasons);
    }

    @ParameterizedTest
    @CsvSource({
        "lora_unet_a.hada_w1_a, LoHa",
        "lora_unet_a.lokr_w1, LoKr",
        "unet.mid_block.x.lora_magnitude_vector, DoRA",
        "unet.mid_block.x.lora_magnitude_vector.weight, DoRA",
        "lora_unet_a.dora_scale, DoRA",
        "lora_unet_a.lora_mid.weight, middle tensor",
        "lora_unet_a.oft_blocks, OFT",
        "lora_unet_a.a1.weight, GLoRA",
        "lora_unet_a.on_input, IA3",
        "lora_unet_a.diff, full differences",
        "unet.mid_block.x.lora_B.bias, biases"
    })
    void relativesOfLoraAreRefusedByNameWithTheReason(String key, String name) {
        Map<String, Shape> alone = Map.of(key, new Shape(1));
        assertRefused(file(alone, Map.of()), name, "not supported (");

        Map<String, Shape> mixed = new HashMap<>(TinyAdapters.one(DOWN, UP));
        mixed.put(key, new Shape(1));
        assertRefused(file(mixed, Map.of()), name, "not supported (");
        assertThat(Inspection.of(folder.resolve("x.safetensors"), LoraFiles.builtIn())
                        .lines())
                .anyMatch(line -> line.contains(name));
    }

    @Test
    void matricesThatDoNotFitTogetherAreRefused() {
        assertRefused(file(Map.of(DOWN, new Shape(2, 3), UP, new Shape(5, 4)), Map.of()), "the rank must be", "(5, 4)");
        assertRefused(file(Map.of(DOWN, new Shape(2, 3), UP, new Shape(5, 2, 1, 1)), Map.of()), "two matrices");
        assertRefused(file(Map.of(DOWN, new Shape(2, 3, 3, 3), UP, new Shape(5, 2, 3, 3)), Map.of()), "1 x 1");
        assertRefused(file(Map.of(DOWN, new Shape(0, 3), UP, new Shape(5, 0)), Map.of()), "the rank must be");
    }

    @Test
    void aMatrixWithoutItsPartnerIsRefused() {
        assertRefused(file(Map.of(DOWN, new Shape(2, 3)), Map.of()), "\"unet.mid_block.x\" has no UP matrix");
    }

    @Test
    void tensorsThatAreNoPartOfTheAdapterAreListed() {
        Map<String, Shape> tensors = new HashMap<>(TinyAdapters.one(DOWN, UP));
        tensors.put("unet.conv_in.weight", new Shape(1));

        assertRefused(file(tensors, Map.of()), "1 of its 3 tensors are no part of one: \"unet.conv_in.weight\"");
    }

    @Test
    void twoAdaptersInOneFileAreRefused() {
        Map<String, Shape> tensors = new HashMap<>(TinyAdapters.one(DOWN, UP));
        tensors.put("unet.mid_block.x.lora_A.second.weight", new Shape(2, 3));

        assertRefused(file(tensors, Map.of()), "one adapter only");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "not json | is not valid JSON",
                "[] | expected a JSON object",
                "{\"r\":2} | does not begin with a component",
                "{\"unet.r\":2} | lora_alpha is null, expected a number",
                "{\"unet.lora_alpha\":2} | r is null, expected a number",
                "{\"unet.r\":2,\"unet.lora_alpha\":\"8\"} | lora_alpha is \"8\", expected a number",
                "{\"unet.r\":0,\"unet.lora_alpha\":8} | r is 0.0, expected a whole number",
                "{\"unet.r\":4,\"unet.lora_alpha\":8} | says rank 4 for layer \"mid_block.x\", but its matrices have"
                        + " rank 2",
                "{\"unet.r\":2,\"unet.lora_alpha\":8,\"unet.use_dora\":true} | use_dora is true, which is not"
                        + " supported: DoRA",
                "{\"unet.r\":2,\"unet.lora_alpha\":8,\"unet.modules_to_save\":[\"a\"]} | whole layers were trained",
                "{\"unet.r\":2,\"unet.lora_alpha\":8,\"unet.bias\":\"all\"} | bias is \"all\"",
                "{\"unet.r\":2,\"unet.lora_alpha\":8,\"unet.peft_type\":\"LOHA\"} | only LORA is supported",
                "{\"unet.r\":2,\"unet.lora_alpha\":8,\"unet.init_lora_weights\":\"pissa_niter_4\"} | changes the base"
                        + " model",
                "{\"unet.r\":2,\"unet.lora_alpha\":8,\"unet.alpha_pattern\":{\"(\":1}} | no regular expression",
                "{\"unet.r\":2,\"unet.lora_alpha\":8,\"unet.alpha_pattern\":{\"((.*.*)*.*)*y\":1}} | takes too long",
                "{\"unet.r\":2,\"unet.lora_alpha\":8,\"unet.lora_alpha\":9} | Duplicate"
            })
    void aConfigurationThatMakesNoSenseIsRefused(String json, String reason) {
        assertRefused(
                file(TinyAdapters.one(DOWN, UP), Map.of("lora_adapter_metadata", json)),
                reason,
                "lora_adapter_metadata");
    }

    @Test
    void patternsChooseRankAndAlphaOfALayerAsPeftDoes() {
        String json = "{\"unet.r\":9,\"unet.lora_alpha\":8,\"unet.use_rslora\":true,"
                + "\"unet.rank_pattern\":{\"block.x\":3,\"^x\":3,\"x\":2},\"unet.alpha_pattern\":{\"^mid_block\\\\.[xyz]\":5}}";

        Path path = file(TinyAdapters.one(DOWN, UP), Map.of("lora_adapter_metadata", json));

        assertThat(LoraFiles.builtIn()
                        .read(path, BaseModules.unknown())
                        .pairs()
                        .get("unet.mid_block.x")
                        .alpha())
                .isEqualTo(5 * Math.sqrt(2));
    }

    @Test
    void aDivergedAdapterIsRefused() {
        List<TensorSource> tensors = List.of(
                TensorSource.ofFloats(DOWN, DType.F32, new Shape(1, 2), new float[] {1, Float.NaN}),
                TensorSource.ofFloats(UP, DType.F32, new Shape(1, 1), new float[] {1}));
        SafetensorsWriter.write(folder.resolve("x.safetensors"), tensors, Map.of());

        assertRefused(folder.resolve("x.safetensors"), "NaN at index 1", "diverged");
    }

    @Test
    void layersOfNoKnownComponentAreRefused() {
        assertRefused(
                file(
                        TinyAdapters.one(
                                "diffusion_model.blocks.0.x.lora_A.weight", "diffusion_model.blocks.0.x.lora_B.weight"),
                        Map.of()),
                "of no known component",
                "text_encoder_2");
    }

    @Test
    void aModelIsNoAdapterAndIsNamed() {
        Map<String, Shape> vae =
                Map.of("encoder.conv_in.weight", new Shape(1), "decoder.conv_out.weight", new Shape(1));

        assertRefused(file(vae, Map.of()), "this is no LoRA file, but a VAE");
    }

    @Test
    void foldersWithoutAnAdapterAndLonePeftWeightsAreRefused() throws IOException {
        assertRefused(folder, "has no LoRA: no .safetensors file");
        Path lone = TinyAdapters.ones(
                folder.resolve("adapter_model.safetensors"),
                TinyAdapters.one(
                        "base_model.model.mid_block.x.lora_A.weight", "base_model.model.mid_block.x.lora_B.weight"),
                Map.of());
        assertRefused(lone, "adapter_config.json that belongs beside it");
        Files.writeString(folder.resolve("adapter_config.json"), "{\"r\":2,\"lora_alpha\":4}");
        assertThat(LoraFiles.builtIn()
                        .read(lone, BaseModules.unknown())
                        .pairs()
                        .get("unet.mid_block.x")
                        .scale())
                .isEqualTo(2);
        Files.move(lone, folder.resolve("adapter_model.bin"));
        assertRefused(folder, "pickle");
    }

    @Test
    void aPeftAdapterOfNoLayerOfTheModelIsRefused() throws IOException {
        TinyAdapters.ones(
                folder.resolve("adapter_model.safetensors"),
                TinyAdapters.one("base_model.model.fc1.lora_A.weight", "base_model.model.fc1.lora_B.weight"),
                Map.of());
        Files.writeString(folder.resolve("adapter_config.json"), "{\"r\":2,\"lora_alpha\":4}");

        assertRefused(folder, "belong to no component");
        BaseModules twice =
                BaseModules.of(Map.of("text_encoder.fc1", new Shape(5, 3), "text_encoder_2.fc1", new Shape(5, 3)));
        assertThatThrownBy(() -> LoraFiles.builtIn().read(folder, twice))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("more than one component");
    }

    @Test
    void kohyaNamesThatTheModelDoesNotHaveOrHasTwiceAreRefused() {
        Path path =
                file(TinyAdapters.one("lora_unet_a_b_c.lora_down.weight", "lora_unet_a_b_c.lora_up.weight"), Map.of());
        Shape weight = new Shape(5, 3);

        assertThatThrownBy(() -> LoraFiles.builtIn().read(path, BaseModules.of(Map.of("unet.a.b.d", weight))))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no layer \"lora_unet_a_b_c\"; did you mean lora_unet_a_b_d?");
        assertThatThrownBy(() -> LoraFiles.builtIn()
                        .read(path, BaseModules.of(Map.of("unet.a.b_c", weight, "unet.a_b.c", weight))))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("any of the layers [unet.a.b_c, unet.a_b.c]");
    }
}
