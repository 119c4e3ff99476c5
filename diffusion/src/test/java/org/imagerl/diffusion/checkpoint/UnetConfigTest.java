package org.imagerl.diffusion.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnetConfigTest {
    @TempDir
    Path folder;

    @Test
    void anEmptyUnetFileIsStableDiffusionOneWithItsDefaults() {
        UnetConfig unet = UnetConfig.read(file("{\"cross_attention_dim\": 768}"));
        assertThat(unet.down())
                .containsExactly(
                        new UnetLevel(320, 2, true, 8, 1, 768, false),
                        new UnetLevel(640, 2, true, 8, 1, 768, false),
                        new UnetLevel(1280, 2, true, 8, 1, 768, false),
                        new UnetLevel(1280, 2, false, 8, 1, 768, false));
        assertThat(unet.up())
                .containsExactly(
                        new UnetLevel(1280, 3, false, 8, 1, 768, false),
                        new UnetLevel(1280, 3, true, 8, 1, 768, false),
                        new UnetLevel(640, 3, true, 8, 1, 768, false),
                        new UnetLevel(320, 3, true, 8, 1, 768, false));
        assertThat(unet.middle()).contains(new UnetLevel(1280, 2, true, 8, 1, 768, false));
        assertThat(unet.timeEmbeddingDim()).isEqualTo(1280);
        assertThat(unet.normGroups()).isEqualTo(32);
        assertThat(unet.sampleSize()).isEmpty();
        assertThat(unet.textTime()).isEmpty();
        assertThat(unet.warnings()).isEmpty();
    }

    @Test
    void valuesPerLevelAreTurnedRoundOnTheWayUp() {
        UnetConfig unet = UnetConfig.read(file("""
            {"block_out_channels": [32, 64, 128], "attention_head_dim": [1, 2, 4],
             "transformer_layers_per_block": [1, 2, 10], "layers_per_block": [1, 2, 3],
             "cross_attention_dim": [8, 16, 24], "only_cross_attention": [true, false, false], "sample_size": [8, 16],
             "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
             "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D", "CrossAttnUpBlock2D"]}\
            """));
        assertThat(unet.up())
                .containsExactly(
                        new UnetLevel(128, 4, true, 4, 10, 24, false),
                        new UnetLevel(64, 3, false, 2, 2, 16, false),
                        new UnetLevel(32, 2, true, 1, 1, 8, true));
        assertThat(unet.middle()).contains(new UnetLevel(128, 2, true, 4, 10, 24, false));
        assertThat(unet.sampleSize()).containsExactly(8, 16);
    }

    @Test
    void theMiddleBlockMayBePlainOrAbsent() {
        assertThat(UnetConfig.read(file("{\"mid_block_type\": null}")).middle()).isEmpty();
        assertThat(UnetConfig.read(file("{\"mid_block_type\": \"UNetMidBlock2D\"}"))
                        .middle())
                .contains(new UnetLevel(1280, 1, false, 8, 1, 1280, false));
        assertThat(UnetConfig.read(file("{\"time_cond_proj_dim\": 256}")).guidanceWidth())
                .contains(256);
    }

    @Test
    void classAndTextTimeEmbeddingsAreRead() {
        UnetConfig unet = UnetConfig.read(file("""
            {"num_class_embeds": 5, "addition_embed_type": "text_time", "addition_time_embed_dim": 256,
             "projection_class_embeddings_input_dim": 2816}\
            """));
        assertThat(unet.classEmbeddings()).isEqualTo(Optional.of(5));
        assertThat(unet.textTime()).isEqualTo(Optional.of(new UnetConfig.TextTime(256, 2816)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        "num_attention_heads": 8                  | "num_attention_heads" is 8; supported: null
        "mid_block_type": "UNetMidBlock2DSimpleCrossAttn" | supported: "UNetMidBlock2DCrossAttn"
        "resnet_time_scale_shift": "scale_shift"  | "resnet_time_scale_shift" is "scale_shift"
        "class_embed_type": "projection"          | "class_embed_type" is "projection"
        "addition_embed_type": "text"             | supported: null, "text_time"
        "addition_embed_type": "text_time"        | "addition_time_embed_dim" is absent
        "layers_per_block": 2.0                   | expected an integer from 1 to 128
        "layers_per_block": "2"                   | expected an integer from 1 to 128
        "layers_per_block": null                  | a value is needed
        "transformer_layers_per_block": [[1],[2]] | a list of 4
        "attention_head_dim": [1, 2]              | a list of 4
        "attention_head_dim": 7                   | the number of heads 7 must divide
        "norm_num_groups": 33                     | a multiple of norm_num_groups, 33
        "block_out_channels": [32, 64]            | as many as block_out_channels has, 2
        "up_block_types": ["A", "B", "C", "D"]    | supported: "CrossAttnUpBlock2D", "UpBlock2D"
        "use_linear_projection": 1                | expected true or false
        "norm_eps": "small"                       | expected a finite number
        "norm_eps": 1e39                          | expected a finite number
        "norm_eps": 0                             | expected a number from 1.0E-15 to 1.0
        "_class_name": "UNet3DConditionModel"     | supported: "UNet2DConditionModel"
        "dropout": 0.1                            | supported: 0
        """)
    void aUnetThatHasNoCodeIsRefusedByKeyAndValue(String entry, String message) {
        Path file = file("{" + entry + "}");
        assertThatThrownBy(() -> UnetConfig.read(file))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(message);
    }

    @Test
    void unknownKeysAreWarningsUnlessPrivate() {
        Path file = file("{\"decay\": 0.9999, \"_name_or_path\": \"x\"}");
        assertThat(UnetConfig.read(file).warnings()).containsExactly(file + ": unknown key \"decay\" is ignored");
    }

    private Path file(String json) {
        try {
            return Files.writeString(folder.resolve("config.json"), json);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
