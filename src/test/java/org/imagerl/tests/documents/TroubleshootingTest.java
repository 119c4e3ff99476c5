package org.imagerl.tests.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each message in the first column of docs/troubleshooting.md is one that the sources have; {@code ...} stands for what they fill in. */
class TroubleshootingTest {
    private static final Pattern MESSAGE = Pattern.compile("^\\| `([^`]+)` \\|.*");
    private static final Pattern JOIN = Pattern.compile("\"\\s*\\+\\s*\"");

    @Test
    void everyMessageIsInTheSources() throws IOException {
        String sources = sources();
        List<String> messages = Files.readAllLines(Page.root().resolve("docs/troubleshooting.md")).stream()
                .map(MESSAGE::matcher)
                .filter(matcher -> matcher.matches())
                .map(matcher -> matcher.group(1))
                .toList();
        assertThat(messages).hasSizeGreaterThan(35);
        assertThat(messages.stream().filter(message -> !isIn(sources, message))).isEmpty();
    }

    @Test
    void partsBetweenDotsAreLookedFor() {
        assertThat(isIn("device x: there", "device ...: there")).isTrue();
        assertThat(isIn("device x: there", "device ...: where")).isFalse();
    }

    private static boolean isIn(String sources, String message) {
        return Arrays.stream(message.split("\\.\\.\\.")).map(String::strip).allMatch(sources::contains);
    }

    /** The code of all modules, texts that stand on several lines put together. */
    private static String sources() throws IOException {
        try (Stream<Path> files = Files.walk(Page.root())) {
            String java = files.filter(file -> file.toString().contains("/src/main/java/")
                            && file.toString().endsWith(".java"))
                    .map(TroubleshootingTest::read)
                    .collect(Collectors.joining("\n"));
            String launchers = read(Page.root().resolve("imagerl"))
                    + read(Page.root().resolve("plugins/cli/src/main/dist/bin/imagerl"));
            return JOIN.matcher(java).replaceAll("").replace("\\\"", "\"") + launchers;
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
