package org.imagerl.diffusion.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.imagerl.diffusion.testing.GoldenFolder;
import org.imagerl.hub.ConfigFile;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every key of the golden configurations of this family is known. */
class GoldenConfigsTest {

    @TestFactory
    Stream<DynamicTest> everyKeyIsKnown() throws IOException {
        return GoldenFolder.tests(
                "{models,pipelines}/**/config.json",
                file -> warnings(file).stream()
                        .map(warnings -> dynamicTest(
                                file.toString(), () -> assertThat(warnings).isEmpty())));
    }

    @TestFactory
    Stream<DynamicTest> everyPipelineNamesItsComponents() throws IOException {
        return GoldenFolder.tests(
                "pipelines/*/model_index.json",
                file -> Stream.of(dynamicTest(file.toString(), () -> {
                    ModelIndex index = ModelIndex.read(file.getParent());
                    assertThat(index.require("vae", "AutoencoderKL")).isEqualTo("AutoencoderKL");
                    assertThat(index.has("tokenizer")).isTrue();
                    assertThat(index.has("image_encoder")).isFalse();
                    assertThat(index.warnings()).isEmpty();
                })));
    }

    /** The warnings about one file; empty for models of another family. */
    private static Optional<List<String>> warnings(Path path) {
        ConfigFile file = ConfigFile.read(path);
        String type = file.optionalText("_class_name")
                .or(() -> file.optionalText("model_type"))
                .orElse("");
        return switch (type) {
            case "UNet2DConditionModel" -> Optional.of(UnetConfig.read(path).warnings());
            case "AutoencoderKL" -> Optional.of(VaeConfig.read(path).warnings());
            case "clip_text_model" -> Optional.of(ClipTextConfig.read(path).warnings());
            default -> Optional.empty();
        };
    }
}
