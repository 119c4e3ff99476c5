package org.imagerl.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.imagerl.config.registry.Registry;
import org.junit.jupiter.api.Test;

/** The page of all keys is what the records say. If it is not, what it should be is written to {@code src/test/target}: copy it. */
class ConfigurationDocumentTest {
    private static final Path ROOT = Path.of(System.getProperty("project.root"));

    @Test
    void thePageIsThatOfTheRecords() throws IOException {
        String made = ConfigurationDocument.of(ROOT, Registry.load(List.of()));
        Path page = ROOT.resolve("docs/configuration.md");
        String there = Files.exists(page) ? Files.readString(page) : "";
        if (!there.equals(made)) {
            Files.writeString(ROOT.resolve("src/test/target/configuration.md"), made);
        }
        assertThat(there)
                .as("keys, defaults or their Javadoc changed: cp src/test/target/configuration.md docs/")
                .isEqualTo(made);
    }
}
