package org.imagerl.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.host.bench.EpochBenchmark;
import org.imagerl.host.registry.Registry;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EpochBenchmarkTest {

    @Test
    void splitsTheEpochsOfARun(@TempDir Path folder) throws IOException {
        Path checkpoint = Project.folder("src/test/resources/golden/pipelines/sd-tiny");
        Assumptions.assumeTrue(Files.isDirectory(checkpoint), "skipped: " + checkpoint + " is absent");
        Path config = Files.writeString(folder.resolve("ddpo.yaml"), """
                checkpoint: '%s'
                prompts: prompts.txt
                evaluation: {prompts: prompts.txt}
                epochs: 100
                algorithm: ddpo
                rewards: [{type: jpeg-compressibility}]
                rollout: {steps: 3, guidance: 1.0, prompts_per_epoch: 2, samples_per_prompt: 4}
                """.formatted(checkpoint.toAbsolutePath()));
        Files.writeString(folder.resolve("prompts.txt"), "a photo of the cat\na photo of the dog\n");
        List<String> lines = new ArrayList<>();
        EpochBenchmark.run(
                config,
                List.of("device=cpu"),
                Registry.load(List.of()),
                (stage, done, total, detail) -> {},
                lines::add);
        assertThat(lines).contains("8 pictures of 3 steps, guidance 1.0");
        String seconds = "[0-9.]+ s";
        assertThat(lines.get(lines.size() - 1))
                .matches("epoch 2   rollout " + seconds + " \\(reward jpeg-compressibility " + seconds
                        + " beside it\\), update " + seconds);
    }
}
