package org.imagerl.latent.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.imagerl.latent.checkpoint.ClipTextConfig.Activation;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigRecordsTest {
    @TempDir
    Path folder;

    @Test
    void unknownKeysAreWarningsUnlessPrivate() {
        Path file = file("{\"decay\": 0.9999, \"_name_or_path\": \"x\"}");
        assertThat(VaeConfig.read(file).warnings()).containsExactly(file + ": unknown key \"decay\" is ignored");
    }

    @Test
    void theVaeOfStableDiffusionThreeShiftsAndHasNoQuantConvolutions() {
        VaeConfig vae = VaeConfig.read(file("""
            {"block_out_channels": [128, 256, 512, 512], "latent_channels": 16, "scaling_factor": 1.5305,
             "shift_factor": 0.0609, "use_quant_conv": false, "use_post_quant_conv": false, "sample_size": 1024,
             "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D"],
             "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D"]}\
            """));
        assertThat(vae.downscale()).isEqualTo(8);
        assertThat(vae.shiftFactor()).isEqualTo(0.0609);
        assertThat(vae.quantConv() || vae.postQuantConv()).isFalse();
        assertThat(vae.middleAttention() && vae.forceUpcast()).isTrue();
        assertThat(vae.sampleSize()).containsExactly(1024, 1024);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        "latents_mean": [0.1]                         | "latents_mean" is [0.1]
        "scaling_factor": 0                           | expected a number from 1.0E-4 to 10000.0
        "scaling_factor": 1e9                         | expected a number from 1.0E-4 to 10000.0
        "shift_factor": 1e39                          | expected a finite number
        "shift_factor": -1e5                          | expected a number from -1000.0 to 1000.0
        "block_out_channels": [32, 64]                | "down_block_types" is absent
        "up_block_types": ["AttnUpDecoderBlock2D"]    | supported: "UpDecoderBlock2D"
        "_class_name": "AutoencoderTiny"              | supported: "AutoencoderKL"
        "block_out_channels": []                      | expected 1 to 16 levels
        """)
    void aVaeThatHasNoCodeIsRefusedByKeyAndValue(String entry, String message) {
        Path file = file("{" + entry + "}");
        assertThatThrownBy(() -> VaeConfig.read(file))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(message);
    }

    @Test
    void aTextEncoderHasTheDefaultsOfTransformers() {
        ClipTextConfig text = ClipTextConfig.read(file("{\"architectures\": [\"CLIPTextModelWithProjection\"]}"));
        assertThat(text)
                .isEqualTo(new ClipTextConfig(
                        49408, 512, 2048, 12, 8, 77, 512, true, Activation.QUICK_GELU, 1e-5, 49407, List.of()));
        assertThat(text.poolsAtHighestId()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        "hidden_act": "relu"                          | supported: "quick_gelu", "gelu"
        "model_type": "clip"                          | supported: "clip_text_model"
        "architectures": ["CLIPModel"]                | supported: ["CLIPTextModel"]
        "hidden_size": 33                             | must divide hidden_size, 33
        "hidden_size": 99999999999                    | expected an integer from 1
        """)
    void aTextEncoderThatHasNoCodeIsRefusedByKeyAndValue(String entry, String message) {
        Path file = file("{" + entry + "}");
        assertThatThrownBy(() -> ClipTextConfig.read(file))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        {"in_channels": 4, "in_channels": 5}          | Duplicate
        {"in_channels": 4} {}                         | is not valid JSON
        {"in_channels": }                             | is not valid JSON
        [1]                                           | expected one JSON object
        ``                                            | expected one JSON object
        """)
    void malformedJsonIsRefused(String json, String message) {
        assertThatThrownBy(() -> VaeConfig.read(file(json)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aFileThatIsTooLargeOrAbsentIsRefused() {
        assertThatThrownBy(() -> VaeConfig.read(file("{}" + " ".repeat(1 << 20))))
                .hasMessageContaining("larger than 1048576 bytes");
        assertThatThrownBy(() -> VaeConfig.read(folder.resolve("absent.json")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no such file");
    }

    private Path file(String json) {
        try {
            return Files.writeString(folder.resolve("config.json"), json);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
