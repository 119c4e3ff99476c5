package org.imagerl.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.imagerl.diffusion.checkpoint.ConfigFile;
import org.imagerl.diffusion.testing.GoldenFolder;
import org.imagerl.flow.checkpoint.FluxConfig;
import org.imagerl.flow.checkpoint.Sd3Config;
import org.imagerl.flow.checkpoint.T5Config;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every key of the golden configurations of this module's families is known. */
class GoldenFlowConfigsTest {

    @TestFactory
    Stream<DynamicTest> everyKeyIsKnown() throws IOException {
        return GoldenFolder.tests(
                "{models,pipelines}/**/config.json",
                file -> warnings(file).stream()
                        .map(warnings -> dynamicTest(
                                file.toString(), () -> assertThat(warnings).isEmpty())));
    }

    /** The warnings about one file; empty for models of another family. */
    private static Optional<List<String>> warnings(Path path) {
        ConfigFile file = ConfigFile.read(path);
        String type = file.optionalText("_class_name")
                .or(() -> file.optionalText("model_type"))
                .orElse("");
        return switch (type) {
            case "SD3Transformer2DModel" -> Optional.of(Sd3Config.read(path).warnings());
            case "FluxTransformer2DModel" -> Optional.of(FluxConfig.read(path).warnings());
            case "t5" -> Optional.of(T5Config.read(path).warnings());
            default -> Optional.empty();
        };
    }
}
