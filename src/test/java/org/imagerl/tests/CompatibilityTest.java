package org.imagerl.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.imagerl.toolkit.lora.files.LoraFiles;
import org.junit.jupiter.api.Test;

/** What {@code inspect} says of tools, and what the document says, are the same values. */
class CompatibilityTest {
    private static final List<String> TOOLS = List.of("diffusers", "peft", "comfyui", "kohya");
    private static final Map<String, String> WORDS = Map.of(
            "loads",
            "yes",
            "strength",
            "at another strength",
            "part",
            "in part",
            "names",
            "yes (names)",
            "refuses",
            "no");

    private static final Map<String, String> WHOLE = Map.of("--merge", "merged", "--single-file", "single");
    private static final Map<String, String> FAMILIES =
            Map.of("SD 1.x", "sd", "SDXL", "sdxl", "SD3", "sd3", "FLUX.1", "flux");

    @Test
    void theTableOfTheDocumentHasTheValuesThatInspectReads() throws IOException {
        Map<String, String> document = document();
        assertThat(document).hasSizeGreaterThan(40).isEqualTo(resource());
    }

    private static Map<String, String> resource() throws IOException {
        Map<String, String> values = new TreeMap<>();
        try (InputStream in = LoraFiles.class.getResourceAsStream("compatibility.csv")) {
            new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .skip(1)
                    .map(line -> line.split(","))
                    .forEach(cells -> values.put(cells[0] + " " + cells[1] + " " + cells[2], WORDS.get(cells[3])));
        }
        return values;
    }

    private static Map<String, String> document() throws IOException {
        Map<String, String> values = new TreeMap<>();
        Path page = Path.of(System.getProperty("project.root"), "docs/compatibility.md");
        for (String line : Files.readAllLines(page)) {
            if (line.startsWith("| `--")) {
                String[] cells = line.split(" *\\| *", -1);
                String option = cells[1].replaceAll("`(--format )?", "");
                String layout = WHOLE.getOrDefault(option, option);
                for (int i = 0; i < TOOLS.size(); i++) {
                    if (!cells[3 + i].isEmpty()) {
                        values.put(layout + " " + FAMILIES.get(cells[2]) + " " + TOOLS.get(i), cells[3 + i]);
                    }
                }
            }
        }
        return values;
    }
}
