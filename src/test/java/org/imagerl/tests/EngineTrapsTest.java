package org.imagerl.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Calls of the engine that do something else than they say. */
class EngineTrapsTest {
    /** To its own type toType makes no copy, whatever it is asked: the result shares memory that may be freed. */
    private static final Pattern COPY_BY_TYPE = Pattern.compile("\\.toType\\([^;]*?,\\s*true\\s*\\)");

    @Test
    void noCopyIsAskedOfToType() throws IOException {
        assertThat("a.toType(\n DataType.FLOAT32, true)").containsPattern(COPY_BY_TYPE);
        List<Path> sources = sources();
        assertThat(sources).hasSizeGreaterThan(500);
        assertThat(sources.stream().filter(EngineTrapsTest::asksForCopy)).isEmpty();
    }

    private static boolean asksForCopy(Path source) {
        try {
            return COPY_BY_TYPE.matcher(Files.readString(source)).find();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> sources() throws IOException {
        Path main = Path.of("src", "main", "java");
        try (Stream<Path> files = Files.walk(Path.of(System.getProperty("project.root")))) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> file.toString().contains(main.toString()))
                    .toList();
        }
    }
}
