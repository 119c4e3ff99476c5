package org.imagerl.latent.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.latent.testing.ConfigCheck;
import org.imagerl.latent.testing.GoldenFolder;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every key of the golden configurations of the shared components is known. */
class GoldenLatentConfigsTest {
    @TestFactory
    Stream<DynamicTest> everyKeyIsKnown() throws IOException {
        return ConfigCheck.everyKeyIsKnown(Map.of(
                "AutoencoderKL", path -> VaeConfig.read(path).warnings(),
                "clip_text_model", path -> ClipTextConfig.read(path).warnings()));
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
}
