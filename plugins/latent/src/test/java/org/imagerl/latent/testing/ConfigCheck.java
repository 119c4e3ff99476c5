package org.imagerl.latent.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.imagerl.hub.ConfigFile;
import org.junit.jupiter.api.DynamicTest;

/** Reads every golden configuration of some models. */
public final class ConfigCheck {

    private ConfigCheck() {}

    /**
     * A test for each file, that every key of it is known.
     *
     * @param readers by {@code _class_name} or {@code model_type}, from the file to its warnings
     */
    public static Stream<DynamicTest> everyKeyIsKnown(Map<String, Function<Path, List<String>>> readers)
            throws IOException {
        return GoldenFolder.tests(
                "{models,pipelines}/**/config.json",
                file -> Stream.ofNullable(readers.get(type(file)))
                        .map(reader -> dynamicTest(
                                file.toString(),
                                () -> assertThat(reader.apply(file)).isEmpty())));
    }

    private static String type(Path path) {
        ConfigFile file = ConfigFile.read(path);
        return file.optionalText("_class_name")
                .or(() -> file.optionalText("model_type"))
                .orElse("");
    }
}
