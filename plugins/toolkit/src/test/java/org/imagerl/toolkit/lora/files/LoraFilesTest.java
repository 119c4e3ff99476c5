package org.imagerl.toolkit.lora.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;
import org.imagerl.spi.lora.LoraLayout;
import org.imagerl.spi.lora.LoraPair;
import org.imagerl.spi.lora.LoraWeights;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class LoraFilesTest {
    @TempDir
    Path folder;

    private static Stream<LoraLayout> layouts() {
        return new LoraPlugin().loraLayouts().stream();
    }

    private Path write(LoraLayout layout, LoraWeights weights, DataType dtype) {
        Path target = folder.resolve(layout.folder() ? layout.name() : layout.name() + ".safetensors");
        LoraFiles.write(layout, target, weights, BaseModules.unknown(), dtype);
        return target;
    }

    private static void assertSame(LoraWeights actual, LoraWeights expected, double alphaTolerance) {
        assertThat(actual.pairs().keySet()).isEqualTo(expected.pairs().keySet());
        expected.pairs().forEach((path, pair) -> {
            LoraPair read = actual.pairs().get(path);
            assertThat(read.down()).as(path).containsExactly(pair.down());
            assertThat(read.up()).as(path).containsExactly(pair.up());
            assertThat(read.downShape()).as(path).isEqualTo(pair.downShape());
            assertThat(read.upShape()).as(path).isEqualTo(pair.upShape());
            assertThat(read.alpha())
                    .as(path)
                    .isCloseTo(pair.alpha(), org.assertj.core.data.Offset.offset(alphaTolerance));
        });
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void anAdapterOfConvolutionsAndTextEncodersSurvivesEveryLayout(LoraLayout layout) {
        LoraWeights mixed = TinyAdapters.mixed();

        for (DataType dtype : List.of(DataType.FLOAT32, DataType.FLOAT16)) {
            Path written = write(layout, mixed, dtype);
            LoraWeights read = LoraFiles.builtIn().read(written, TinyAdapters.base(mixed));

            // Kohya's alpha is a float32, the others' a decimal.
            assertSame(read, mixed, layout instanceof KohyaLayout ? 1e-7 : 0);
            assertThat(read.metadata()).containsEntry("imagerl.version", "1");
        }
    }

    /** diffusers and PEFT read them without asking whether they are there. */
    @Test
    void aConfigurationThatSaidLittleIsWrittenWithWhatItsReadersNeed() throws IOException {
        String layer = "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q";
        Path bare = TinyAdapters.ones(
                folder.resolve("bare.safetensors"),
                Map.of(layer + ".lora_A.weight", new Shape(2, 4), layer + ".lora_B.weight", new Shape(4, 2)),
                Map.of("lora_adapter_metadata", "{\"unet.r\": 2, \"unet.lora_alpha\": 8}"));
        LoraWeights read = LoraFiles.builtIn().read(bare, BaseModules.unknown());

        try (SafetensorsFile file = SafetensorsFile.open(write(new DiffusersLayout(), read, DataType.FLOAT32))) {
            assertThat(file.metadata().get("lora_adapter_metadata"))
                    .contains("unet.rank_pattern", "unet.alpha_pattern", "unet.target_modules");
        }
        assertThat(Files.readString(
                        write(new PeftLayout(), read, DataType.FLOAT32).resolve("adapter_config.json")))
                .contains("\"peft_type\"", "\"LORA\"", "\"target_modules\"");
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void aChangeOfLayoutAfterReadingKeepsTheAdapter(LoraLayout layout) {
        LoraWeights mixed = TinyAdapters.mixed();
        BaseModules base = TinyAdapters.base(mixed);
        LoraWeights read = LoraFiles.builtIn().read(write(layout, mixed, DataType.FLOAT32), base);

        layouts().forEach(other -> {
            Path written = write(other, read, DataType.FLOAT32);
            assertSame(LoraFiles.builtIn().read(written, base), mixed, 1e-7);
        });
    }

    @Test
    void diffusersAndPeftNeedNoModel() {
        LoraWeights mixed = TinyAdapters.mixed();

        assertSame(
                LoraFiles.builtIn().read(write(new DiffusersLayout(), mixed, DataType.FLOAT32), BaseModules.unknown()),
                mixed,
                0);
        assertSame(
                LoraFiles.builtIn().read(write(new PeftLayout(), mixed, DataType.FLOAT32), BaseModules.unknown()),
                mixed,
                0);
        Path kohya = write(new KohyaLayout(), mixed, DataType.FLOAT32);
        assertThatThrownBy(() -> LoraFiles.builtIn().read(kohya, BaseModules.unknown()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("the checkpoint that the adapter is for is needed");
    }

    @Test
    void kohyaMetadataSaysWhatOtherToolsLookFor() {
        try (SafetensorsFile file =
                SafetensorsFile.open(write(new KohyaLayout(), TinyAdapters.mixed(), DataType.FLOAT16))) {
            assertThat(file.metadata())
                    .containsEntry("ss_network_module", "networks.lora")
                    .containsEntry("ss_network_dim", "Dynamic")
                    .containsEntry("ss_network_alpha", "Dynamic")
                    .containsEntry("ss_output_name", "kohya")
                    .doesNotContainKey("ss_seed")
                    .containsEntry("imagerl.version", "1");
            assertThat(file.names())
                    .contains("lora_te1_text_model_encoder_layers_0_mlp_fc1.alpha")
                    .contains("lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_up.weight")
                    .contains(
                            "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_out_0.lora_down.weight");
            assertThat(file.entry("lora_te1_text_model_encoder_layers_0_mlp_fc1.alpha")
                            .dtype())
                    .isEqualTo(DType.F32);
        }
    }

    @Test
    void aModelWithOneTextEncoderHasNoNumberInItsKohyaNames() {
        Map<String, LoraPair> one =
                Map.of("text_encoder.text_model.encoder.layers.0.mlp.fc1", TinyAdapters.linear(1, 1, 2, 2, 1));
        LoraWeights weights = LoraWeights.of(one, Map.of());
        Path file = folder.resolve("one.safetensors");

        LoraFiles.write(new KohyaLayout(), file, weights, BaseModules.unknown(), DataType.FLOAT32);

        assertSame(LoraFiles.builtIn().read(file, TinyAdapters.base(weights)), weights, 0);
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            assertThat(opened.names()).allMatch(name -> name.startsWith("lora_te_text_model_"));
            assertThat(opened.metadata()).containsEntry("ss_network_dim", "1").containsEntry("ss_network_alpha", "1.0");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "unet.mid_block.attentions.0.proj_in.lora_A.weight, unet.mid_block.attentions.0.proj_in",
        "unet.mid_block.attentions.0.proj_in.lora_A.default.weight, unet.mid_block.attentions.0.proj_in",
        "mid_block.attentions.0.proj_in.lora_A.default_0.weight, unet.mid_block.attentions.0.proj_in",
        "unet.mid_block.a.attn1.to_q.lora.down.weight, unet.mid_block.a.attn1.to_q",
        "unet.mid_block.a.attn1.processor.to_q_lora.down.weight, unet.mid_block.a.attn1.to_q",
        "unet.mid_block.a.attn1.processor.to_out_lora.down.weight, unet.mid_block.a.attn1.to_out.0",
        "text_encoder.text_model.encoder.layers.0.self_attn.q_proj.lora_linear_layer.down.weight,"
                + " text_encoder.text_model.encoder.layers.0.self_attn.q_proj",
        "text_encoder.text_model.encoder.layers.0.self_attn.to_out_lora.down.weight,"
                + " text_encoder.text_model.encoder.layers.0.self_attn.out_proj",
        "transformer.transformer_blocks.0.attn.add_k_proj.lora_down.weight,"
                + " transformer.transformer_blocks.0.attn.add_k_proj",
        "single_transformer_blocks.0.proj_mlp.lora_A.weight, transformer.single_transformer_blocks.0.proj_mlp"
    })
    void everySpellingThatDiffusersEverWroteIsRead(String downKey, String path) {
        String upKey = downKey.replace("down.weight", "up.weight").replace("lora_A", "lora_B");
        Path file = TinyAdapters.ones(folder.resolve("x.safetensors"), TinyAdapters.one(downKey, upKey), Map.of());

        LoraWeights read = LoraFiles.builtIn().read(file, BaseModules.unknown());

        assertThat(read.pairs()).containsOnlyKeys(path);
        assertThat(read.pairs().get(path).alpha()).isEqualTo(2);
        assertThat(read.pairs().get(path).weightShape()).isEqualTo(new Shape(5, 3));
    }

    @Test
    void anAlphaTensorGoesBeforeTheConfiguration() {
        Map<String, Shape> tensors =
                new HashMap<>(TinyAdapters.one("unet.mid_block.x.lora_A.weight", "unet.mid_block.x.lora_B.weight"));
        tensors.put("unet.mid_block.x.alpha", new Shape());
        Map<String, String> metadata = Map.of("lora_adapter_metadata", "{\"unet.r\":2,\"unet.lora_alpha\":16}");

        Path file = TinyAdapters.ones(folder.resolve("x.safetensors"), tensors, metadata);

        assertThat(LoraFiles.builtIn()
                        .read(file, BaseModules.unknown())
                        .pairs()
                        .get("unet.mid_block.x")
                        .alpha())
                .isEqualTo(1);
    }

    @Test
    void namedAdaptersAreNeverWritten() {
        for (LoraLayout layout : layouts().toList()) {
            Path written = write(layout, TinyAdapters.mixed(), DataType.FLOAT32);
            Path file = layout.folder() ? written.resolve("unet/adapter_model.safetensors") : written;
            try (SafetensorsFile opened = SafetensorsFile.open(file)) {
                assertThat(opened.names()).noneMatch(name -> name.contains(".default."));
            }
        }
    }

    @Test
    void float16RefusesWhatItCannotHold() {
        LoraPair large = new LoraPair(new float[] {1e6f}, new Shape(1, 1), new float[] {0}, new Shape(1, 1), 1);
        LoraWeights weights = LoraWeights.of(Map.of("unet.conv_in", large), Map.of());

        assertThatThrownBy(() -> LoraFiles.write(
                        new DiffusersLayout(),
                        folder.resolve("x.safetensors"),
                        weights,
                        BaseModules.unknown(),
                        DataType.FLOAT16))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("1000000.0, which F16 cannot hold: write the adapter in float32");
        assertThat(folder).isEmptyDirectory();
        assertThatThrownBy(() -> new LoraLayout.Writing(DataType.BFLOAT16, Map.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anAdapterIsFittedToLinearAndOneByOneLayersAlike() {
        LoraWeights weights = LoraWeights.of(
                Map.of("unet.a", TinyAdapters.linear(1, 2, 3, 4, 1), "unet.b", TinyAdapters.conv(2, 2, 3, 4, 1, 1)),
                Map.of());
        BaseModules base = BaseModules.of(Map.of("unet.a", new Shape(4, 3, 1, 1), "unet.b", new Shape(4, 3)));

        var fitted = base.fit("x", weights);

        assertThat(fitted.get("unet.a").downShape()).isEqualTo(new Shape(2, 3, 1, 1));
        assertThat(fitted.get("unet.b").upShape()).isEqualTo(new Shape(4, 2));
    }

    @Test
    void anAdapterOfAnotherModelIsRefusedLayerByLayer() {
        LoraWeights weights = LoraWeights.of(
                Map.of(
                        "unet.conv_im",
                        TinyAdapters.conv(1, 2, 3, 4, 3, 1),
                        "unet.conv_out",
                        TinyAdapters.conv(2, 2, 3, 4, 3, 1)),
                Map.of());
        BaseModules base =
                BaseModules.of(Map.of("unet.conv_in", new Shape(4, 3, 3, 3), "unet.conv_out", new Shape(4, 3, 1, 1)));

        assertThatThrownBy(() -> base.fit("x.safetensors", weights))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no layer \"unet.conv_im\"; did you mean unet.conv_in?")
                .hasMessageContaining("\"unet.conv_out\" is for a weight of (4, 3, 3, 3), the model has (4, 3, 1, 1)");
    }
}
