package org.imagerl.toolkit.lora.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.UserException;
import org.imagerl.spi.lora.LoraPair;
import org.imagerl.spi.lora.LoraWeights;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Transformers of width 4. */
class KohyaTransformerTest {
    private static final String BLOCK = "transformer.transformer_blocks.0.";
    private static final String SINGLE = "transformer.single_transformer_blocks.1.";

    @TempDir
    Path folder;

    private static BaseModules flux() {
        Map<String, Shape> weights = new TreeMap<>();
        for (String layer : List.of("to_q", "to_k", "to_v", "add_q_proj", "add_k_proj", "add_v_proj", "to_out.0")) {
            weights.put(BLOCK + "attn." + layer, new Shape(4, 4));
        }
        for (String layer : List.of("attn.to_q", "attn.to_k", "attn.to_v")) {
            weights.put(SINGLE + layer, new Shape(4, 4));
        }
        weights.put(SINGLE + "proj_mlp", new Shape(16, 4));
        weights.put(SINGLE + "proj_out", new Shape(4, 20));
        weights.put("transformer.x_embedder", new Shape(4, 8));
        weights.put("transformer.norm_out.linear", new Shape(8, 4));
        weights.put("text_encoder.text_model.encoder.layers.0.mlp.fc1", new Shape(6, 5));
        return BaseModules.of(weights);
    }

    private static BaseModules sd3() {
        return BaseModules.of(Map.of(
                "transformer.pos_embed.proj",
                new Shape(4, 2, 2, 2),
                BLOCK + "attn.to_q",
                new Shape(4, 4),
                BLOCK + "norm1_context.linear",
                new Shape(8, 4),
                "transformer.transformer_blocks.1.norm1_context.linear",
                new Shape(24, 4)));
    }

    private Path written(Map<String, LoraPair> pairs, BaseModules base) {
        Path file = folder.resolve("kohya.safetensors");
        LoraFiles.write(new KohyaLayout(), file, LoraWeights.of(pairs, Map.of()), base, DataType.FLOAT32);
        return file;
    }

    private static void assertSameUpdates(Map<String, LoraPair> actual, Map<String, LoraPair> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((path, pair) -> {
            LoraPair other = actual.get(path);
            assertThat(other).isNotNull();
            assertThat(Updates.of(other)).as(path).containsExactly(Updates.of(pair), within(1e-6));
        });
    }

    @Test
    void queriesKeysAndValuesBecomeOneLayerAndSeveralAgain() {
        Map<String, LoraPair> pairs = new TreeMap<>();
        pairs.put(BLOCK + "attn.to_q", TinyAdapters.linear(1, 2, 4, 4, 4));
        pairs.put(BLOCK + "attn.to_k", TinyAdapters.linear(2, 3, 4, 4, 1.5));
        pairs.put(BLOCK + "attn.to_v", TinyAdapters.linear(3, 1, 4, 4, 2));
        pairs.put(BLOCK + "attn.to_out.0", TinyAdapters.linear(4, 2, 4, 4, 2));
        // One part of three, and two of four.
        pairs.put(BLOCK + "attn.add_k_proj", TinyAdapters.linear(5, 2, 4, 4, 2));
        pairs.put(SINGLE + "attn.to_k", TinyAdapters.linear(6, 1, 4, 4, 1));
        pairs.put(SINGLE + "proj_mlp", TinyAdapters.linear(7, 2, 4, 16, 4));
        pairs.put("transformer.norm_out.linear", TinyAdapters.linear(8, 2, 4, 8, 2));
        pairs.put("text_encoder.text_model.encoder.layers.0.mlp.fc1", TinyAdapters.linear(9, 2, 5, 6, 2));

        Path file = written(pairs, flux());

        assertSameUpdates(LoraFiles.builtIn().read(file, flux()).pairs(), pairs);
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            Map<String, Shape> shapes = new TreeMap<>();
            opened.entries().stream()
                    .filter(entry -> !entry.name().endsWith(".alpha"))
                    .forEach(entry -> shapes.put(entry.name(), entry.shape()));
            Map<String, Shape> expected = new TreeMap<>();
            expected.put("lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight", new Shape(6, 4));
            expected.put("lora_unet_double_blocks_0_img_attn_qkv.lora_up.weight", new Shape(12, 6));
            expected.put("lora_unet_double_blocks_0_img_attn_proj.lora_down.weight", new Shape(2, 4));
            expected.put("lora_unet_double_blocks_0_img_attn_proj.lora_up.weight", new Shape(4, 2));
            expected.put("lora_unet_double_blocks_0_txt_attn_qkv.lora_down.weight", new Shape(2, 4));
            expected.put("lora_unet_double_blocks_0_txt_attn_qkv.lora_up.weight", new Shape(12, 2));
            expected.put("lora_unet_single_blocks_1_linear1.lora_down.weight", new Shape(3, 4));
            expected.put("lora_unet_single_blocks_1_linear1.lora_up.weight", new Shape(28, 3));
            expected.put("lora_unet_final_layer_adaLN_modulation_1.lora_down.weight", new Shape(2, 4));
            expected.put("lora_unet_final_layer_adaLN_modulation_1.lora_up.weight", new Shape(8, 2));
            expected.put("lora_te1_text_model_encoder_layers_0_mlp_fc1.lora_down.weight", new Shape(2, 5));
            expected.put("lora_te1_text_model_encoder_layers_0_mlp_fc1.lora_up.weight", new Shape(6, 2));
            assertThat(shapes).isEqualTo(expected);
            assertThat(opened.metadata()).containsEntry("ss_network_module", "networks.lora_flux");
        }
    }

    /** The rows of the fused layer are those of its parts, one after the other: what sd-scripts and ComfyUI add to the weight. */
    @Test
    void theUpdateOfTheFusedLayerIsThatOfItsParts() {
        LoraPair q = TinyAdapters.linear(1, 2, 4, 4, 4);
        LoraPair v = TinyAdapters.linear(2, 1, 4, 4, 0.5);
        LoraPair fused = FusedPairs.fuse(new TreeMap<>(Map.of(0, q, 2, v)), 4, 4, 4);
        double[] update = Updates.of(fused);
        assertThat(Arrays.copyOfRange(update, 0, 16)).containsExactly(Updates.of(q), within(1e-6));
        assertThat(Arrays.copyOfRange(update, 16, 32)).containsOnly(0.0);
        assertThat(Arrays.copyOfRange(update, 32, 48)).containsExactly(Updates.of(v), within(1e-6));
        assertThat(fused.scale()).isEqualTo(q.scale());
    }

    @Test
    void anAdapterThatWasTrainedOnTheFusedLayerIsSplitToItsRows() {
        LoraPair whole = TinyAdapters.linear(5, 3, 4, 12, 6);
        Map<Integer, LoraPair> parts = FusedPairs.split(whole, 4, 4, 4);
        assertThat(parts).hasSize(3);
        for (int part = 0; part < 3; part++) {
            LoraPair own = parts.get(part);
            assertThat(own).isNotNull();
            assertThat(own.rank()).isEqualTo(3);
            assertThat(Updates.of(own))
                    .containsExactly(Arrays.copyOfRange(Updates.of(whole), 16 * part, 16 * part + 16), within(1e-6));
        }
    }

    /** Diffusers has the scale before the shift where the text ends and before the image leaves, the models' own code after it. */
    @Test
    void scaleAndShiftChangePlacesWhereTheTwoCodesDiffer() {
        LoraPair last = TinyAdapters.linear(1, 1, 4, 8, 1);
        LoraPair inner = TinyAdapters.linear(2, 1, 4, 24, 1);
        Map<String, LoraPair> pairs = Map.of(
                BLOCK + "norm1_context.linear", last, "transformer.transformer_blocks.1.norm1_context.linear", inner);

        Path file = written(pairs, sd3());

        assertSameUpdates(LoraFiles.builtIn().read(file, sd3()).pairs(), pairs);
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            float[] up = opened.floats("lora_unet_joint_blocks_0_context_block_adaLN_modulation_1.lora_up.weight");
            assertThat(Arrays.copyOfRange(up, 0, 4)).containsExactly(Arrays.copyOfRange(last.up(), 4, 8));
            assertThat(opened.floats("lora_unet_joint_blocks_1_context_block_adaLN_modulation_1.lora_up.weight"))
                    .containsExactly(inner.up());
            assertThat(opened.metadata()).containsEntry("ss_network_module", "networks.lora_sd3");
        }
    }

    /** Names from sd-scripts' conversion tables and module tree. */
    @ParameterizedTest
    @CsvSource({
        "FLUX, transformer_blocks.18.attn.add_v_proj, double_blocks.18.txt_attn.qkv, 2",
        "FLUX, transformer_blocks.0.attn.to_add_out, double_blocks.0.txt_attn.proj, 0",
        "FLUX, transformer_blocks.0.ff.net.0.proj, double_blocks.0.img_mlp.0, 0",
        "FLUX, transformer_blocks.0.ff_context.net.2, double_blocks.0.txt_mlp.2, 0",
        "FLUX, transformer_blocks.0.norm1.linear, double_blocks.0.img_mod.lin, 0",
        "FLUX, transformer_blocks.0.norm1_context.linear, double_blocks.0.txt_mod.lin, 0",
        "FLUX, single_transformer_blocks.37.proj_mlp, single_blocks.37.linear1, 3",
        "FLUX, single_transformer_blocks.37.proj_out, single_blocks.37.linear2, 0",
        "FLUX, single_transformer_blocks.37.norm.linear, single_blocks.37.modulation.lin, 0",
        "FLUX, time_text_embed.guidance_embedder.linear_2, guidance_in.out_layer, 0",
        "FLUX, proj_out, final_layer.linear, 0",
        "SD3, transformer_blocks.23.attn.to_k, joint_blocks.23.x_block.attn.qkv, 1",
        "SD3, transformer_blocks.0.attn2.to_v, joint_blocks.0.x_block.attn2.qkv, 2",
        "SD3, transformer_blocks.0.attn.add_q_proj, joint_blocks.0.context_block.attn.qkv, 0",
        "SD3, transformer_blocks.0.attn2.to_out.0, joint_blocks.0.x_block.attn2.proj, 0",
        "SD3, transformer_blocks.0.ff_context.net.0.proj, joint_blocks.0.context_block.mlp.fc1, 0",
        "SD3, transformer_blocks.0.norm1.linear, joint_blocks.0.x_block.adaLN_modulation.1, 0",
        "SD3, pos_embed.proj, x_embedder.proj, 0",
        "SD3, time_text_embed.text_embedder.linear_1, y_embedder.mlp.0, 0"
    })
    void layersHaveTheNamesOfTheModelsOwnCode(JointNames family, String layer, String own, int part) {
        assertThat(family.of(layer)).hasValueSatisfying(place -> {
            assertThat(place.layer()).isEqualTo(own);
            assertThat(place.part()).isEqualTo(part);
        });
        assertThat(family.of(layer + ".x")).isEmpty();
    }

    @Test
    void theFamilyIsToldByTheLayersOrTheCheckpoint() {
        Map<String, LoraPair> either = Map.of(BLOCK + "attn.to_q", TinyAdapters.linear(1, 1, 4, 4, 1));
        assertThatThrownBy(() -> written(either, BaseModules.unknown()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("the same in SD3 and FLUX")
                .hasMessageContaining("--checkpoint DIR");
        assertThat(names(written(either, flux()))).allMatch(name -> name.startsWith("lora_unet_double_blocks_0_"));
        assertThat(names(written(either, sd3()))).allMatch(name -> name.startsWith("lora_unet_joint_blocks_0_x_"));
        LoraPair pair = TinyAdapters.linear(1, 1, 4, 4, 1);
        assertThat(names(written(Map.of(SINGLE + "attn.to_q", pair), BaseModules.unknown())))
                .allMatch(name -> name.startsWith("lora_unet_single_blocks_1_linear1."));
        assertThat(names(written(Map.of(BLOCK + "attn2.to_q", pair), BaseModules.unknown())))
                .allMatch(name -> name.startsWith("lora_unet_joint_blocks_0_x_block_attn2_qkv."));
    }

    private static List<String> names(Path file) {
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            return List.copyOf(opened.names());
        }
    }

    @Test
    void layersThatDoNotFitAreRefused() {
        assertThatThrownBy(() -> written(Map.of(BLOCK + "attn.to_q", TinyAdapters.linear(1, 1, 4, 6, 1)), flux()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("is for a weight of (6, 4); in kohya's layout it needs 4 outputs");
        assertThatThrownBy(() -> written(Map.of(BLOCK + "attn.to_x", TinyAdapters.linear(1, 1, 4, 4, 1)), flux()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("has no name in kohya's layout for FLUX");
        String name = "lora_unet_double_blocks_0_img_attn_qkv";
        Path file = TinyAdapters.ones(
                folder.resolve("x.safetensors"),
                Map.of(name + ".lora_down.weight", new Shape(1, 4), name + ".lora_up.weight", new Shape(8, 1)),
                Map.of());
        assertThatThrownBy(() -> LoraFiles.builtIn().read(file, flux()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("has 8 outputs, the layer \"double_blocks.0.img_attn.qkv\" has 12");
        assertThatThrownBy(() -> LoraFiles.builtIn().read(file, sd3()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("the model has no layer");
    }

    @Test
    void theSameLayerInBothSpellingsIsRefused() {
        Map<String, Shape> both = new TreeMap<>();
        for (String name : List.of(
                "lora_unet_double_blocks_0_img_attn_proj", "lora_transformer_transformer_blocks_0_attn_to_out_0")) {
            both.put(name + ".lora_down.weight", new Shape(1, 4));
            both.put(name + ".lora_up.weight", new Shape(4, 1));
        }
        Path file = TinyAdapters.ones(folder.resolve("x.safetensors"), both, Map.of());
        assertThatThrownBy(() -> LoraFiles.builtIn().read(file, flux()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("two adapters of layer \"transformer.transformer_blocks.0.attn.to_out.0\"");
    }

    @Test
    void inspectionSaysWhichToolsLoadEachSpellingAndStrength() {
        LoraPair weak = TinyAdapters.linear(1, 2, 4, 4, 1);
        Map<String, LoraPair> pairs = Map.of(SINGLE + "attn.to_q", weak, BLOCK + "attn.to_q", weak);
        assertThat(Inspection.of(written(pairs, flux()), LoraFiles.builtIn()).lines())
                .contains("layers: 2 (transformer 2)")
                .anyMatch(line -> line.equals("loaded by: diffusers (load_lora_weights), ComfyUI, sd-scripts, imagerl"
                        + " (with its checkpoint)"));
        assertThat(Inspection.of(written(Map.of(BLOCK + "attn.to_q", weak), sd3()), LoraFiles.builtIn())
                        .lines())
                .anyMatch(line -> line.equals("not by: diffusers"));
        Path diffusers = LoraFiles.writeRun(folder, LoraWeights.of(pairs, Map.of()));
        assertThat(Inspection.of(diffusers, LoraFiles.builtIn()).lines())
                .anyMatch(line -> line.startsWith("at another strength by: ComfyUI"));
        Map<String, LoraPair> full = Map.of(BLOCK + "attn.to_q", TinyAdapters.linear(1, 2, 4, 4, 2));
        LoraFiles.writeRun(folder, LoraWeights.of(full, Map.of()));
        assertThat(Inspection.of(diffusers, LoraFiles.builtIn()).lines())
                .contains("loaded by: diffusers (load_lora_weights), ComfyUI, imagerl");
    }
}
