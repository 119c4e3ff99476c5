package org.imagerl.latent.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelIndexTest {
    @TempDir
    Path folder;

    @Test
    void componentsAndFlagsAreRead() throws IOException {
        write("""
                {"_class_name": "StableDiffusionXLPipeline", "_diffusers_version": "0.36.0",
                 "unet": ["diffusers", "UNet2DConditionModel"], "feature_extractor": [null, null],
                 "force_zeros_for_empty_prompt": true, "num_images": 3, "add_watermarker": null}""");
        ModelIndex index = ModelIndex.read(folder);
        assertThat(index.className()).isEqualTo("StableDiffusionXLPipeline");
        assertThat(index.require("unet", "UNet2DConditionModel")).isEqualTo("UNet2DConditionModel");
        assertThat(index.has("feature_extractor")).isFalse();
        assertThat(index.flag("force_zeros_for_empty_prompt", false)).isTrue();
        assertThat(index.flag("requires_safety_checker", true)).isTrue();
        assertThat(index.warnings()).singleElement().asString().contains("unknown key \"num_images\" is ignored");
    }

    @Test
    void theTokensOfT5AreReadAndBounded() throws IOException {
        write("{\"_class_name\": \"P\", \"max_sequence_length\": 7}");
        ModelIndex index = ModelIndex.read(folder);
        assertThat(index.maxSequenceLength()).hasValue(7);
        assertThat(index.warnings()).isEmpty();
        write("{\"_class_name\": \"P\"}");
        assertThat(ModelIndex.read(folder).maxSequenceLength()).isEmpty();
        write("{\"_class_name\": \"P\", \"max_sequence_length\": 513}");
        assertThatThrownBy(() -> ModelIndex.read(folder))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("max_sequence_length")
                .hasMessageContaining("513");
    }

    @Test
    void aComponentThatIsAbsentOrOfAnotherClassIsNamed() throws IOException {
        write("{\"_class_name\": \"P\", \"vae\": [\"diffusers\", \"VQModel\"]}");
        ModelIndex index = ModelIndex.read(folder);
        assertThatThrownBy(() -> index.require("vae", "AutoencoderKL"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("model_index.json: \"vae\" is a \"VQModel\"; supported: AutoencoderKL");
        assertThatThrownBy(() -> index.require("unet", "UNet2DConditionModel"))
                .hasMessageContaining("has no component \"unet\"");
    }

    @Test
    void aMalformedEntryIsRefused() throws IOException {
        write("{\"_class_name\": \"P\", \"vae\": [\"diffusers\", null]}");
        assertThatThrownBy(() -> ModelIndex.read(folder)).hasMessageContaining("\"vae\" is [\"diffusers\",null]");
        write("{\"vae\": [\"diffusers\", \"AutoencoderKL\"]}");
        assertThatThrownBy(() -> ModelIndex.read(folder)).hasMessageContaining("\"_class_name\" is absent");
    }

    private void write(String json) throws IOException {
        Files.writeString(folder.resolve("model_index.json"), json);
    }
}
