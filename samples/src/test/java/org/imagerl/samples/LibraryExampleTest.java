package org.imagerl.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibraryExampleTest {

    @Test
    void trainsTheTinyCheckpoint(@TempDir Path folder) throws IOException {
        Path checkpoint = Project.folder("src/test/resources/golden/pipelines/sd-small");
        Assumptions.assumeTrue(Files.isDirectory(checkpoint), "skipped: " + checkpoint + " is absent");
        Path prompts = Files.writeString(folder.resolve("prompts.txt"), "a photo of the cat\na photo of the dog\n");
        Path runs = folder.resolve("runs");
        LibraryExample.main(new String[] {checkpoint.toString(), prompts.toString(), runs.toString()});
        assertThat(runs.resolve("example/pytorch_lora_weights.safetensors")).isRegularFile();
        assertThat(runs.resolve("example/metrics.jsonl"))
                .content()
                .contains("\"reward_mean\"", "\"reward_redness_mean\"", "\"reward_jpeg-compressibility_mean\"");
    }

    @Test
    void isShort() throws IOException {
        Path source = Project.folder("samples/src/main/java/org/imagerl/samples/LibraryExample.java");
        try (Stream<String> lines = Files.lines(source)) {
            assertThat(lines).hasSizeLessThan(80);
        }
    }
}
