package org.imagerl.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.imagerl.config.registry.Registry;
import org.imagerl.training.config.RunConfigLoader;
import org.junit.jupiter.api.Test;

/** The JSON Schema beside the samples, which editors find by the first line of each, and which is copied into the distribution. */
class SchemaTest {
    private static final Path SAMPLES = Path.of(System.getProperty("project.root"), "samples");
    private static final Path SCHEMA = SAMPLES.resolve("imagerl.schema.json");
    private static final String LINE = "# yaml-language-server: $schema=";

    @Test
    void theSchemaIsThatOfTheRecords() throws IOException {
        assertThat(Files.readString(SCHEMA).strip())
                .as("keys or parts changed: ./imagerl config schema > samples/imagerl.schema.json")
                .isEqualTo(RunConfigLoader.schema(Registry.load(List.of())).strip());
    }

    @Test
    void theFirstLineOfEveryRunNamesIt() throws IOException {
        List<Path> runs;
        try (Stream<Path> files = Files.walk(SAMPLES, 3)) {
            runs = files.filter(file -> file.toString().matches(".*/words(-flow)?/.*[.]yaml"))
                    .filter(SchemaTest::isRun)
                    .toList();
        }
        assertThat(runs).hasSizeGreaterThan(8).allSatisfy(run -> {
            String first = Files.readAllLines(run).get(0);
            assertThat(first).startsWith(LINE);
            assertThat(run.resolveSibling(first.substring(LINE.length()))).isRegularFile();
            assertThat(Files.isSameFile(run.resolveSibling(first.substring(LINE.length())), SCHEMA))
                    .isTrue();
        });
    }

    /** Pretrainings and classifiers have a type. */
    private static boolean isRun(Path file) {
        try {
            return Files.readAllLines(file).stream().noneMatch(line -> line.startsWith("type:"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
