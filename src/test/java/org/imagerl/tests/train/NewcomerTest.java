package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Preset;
import org.imagerl.spi.UserException;
import org.imagerl.tests.Paths;
import org.imagerl.training.config.RunConfigLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shortest file that names an algorithm. */
class NewcomerTest {
    private static final Registry REGISTRY = Registry.load(List.of());

    @TempDir
    private Path folder;

    @Test
    void everyAlgorithmRunsWithItOrSaysWhatItLacks() throws IOException {
        Path file = folder.resolve("run.yaml");
        Files.writeString(folder.resolve("prompts.txt"), "the cat\n");
        Map<String, String> refused = new TreeMap<>();
        for (Preset preset : REGISTRY.presets()) {
            String text = "checkpoint: %s%nprompts: prompts.txt%nalgorithm: %s%nrewards: [jpeg-compressibility]%n"
                    .formatted(Paths.tinyCheckpoint(), preset.name());
            try {
                new RunConfigLoader(REGISTRY).parse(text, file, List.of());
            } catch (UserException e) {
                refused.put(preset.name(), e.getMessage());
            }
        }
        assertThat(refused)
                .containsKeys("ctrl", "epo")
                .hasSizeLessThan(REGISTRY.presets().size() / 2);
        assertThat(refused.values()).allSatisfy(why -> assertThat(why).containsAnyOf("is missing", "Add {type: "));
    }
}
