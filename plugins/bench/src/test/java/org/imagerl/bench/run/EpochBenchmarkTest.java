package org.imagerl.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.config.registry.Registry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EpochBenchmarkTest {
    private static final String SECONDS = "[0-9.]+ s";

    @TempDir
    Path folder;

    private List<String> lines(String checkpoint, String algorithm) throws IOException {
        Path path =
                Path.of(System.getProperty("project.root", "../.."), "src/test/resources/golden/pipelines", checkpoint);
        Path config = Files.writeString(folder.resolve("run.yaml"), """
            checkpoint: '%s'
            prompts: prompts.txt
            evaluation: {prompts: prompts.txt}
            epochs: 100
            algorithm: %s
            rewards: [{type: jpeg-compressibility}]
            rollout: {steps: 3, guidance: 1.0, prompts_per_epoch: 2, samples_per_prompt: 2, width: 16, height: 16}
            optimiser: {micro_batch: 2, updates_per_epoch: 2}
            """.formatted(path.toAbsolutePath(), algorithm));
        Files.writeString(folder.resolve("prompts.txt"), "a photo of the cat\na photo of the dog\n");
        List<String> lines = new ArrayList<>();
        EpochBenchmark.run(
                config,
                List.of("device=cpu"),
                Registry.load(List.of()),
                (stage, done, total, detail) -> {},
                lines::add);
        return lines;
    }

    @Test
    void splitsTheEpochsOfARunAndCountsThePassesOfAnUpdate() throws IOException {
        List<String> lines = lines("sd-small", "ddpo");
        assertThat(lines).contains("4 images of 3 steps, guidance 1.0");
        assertThat(lines)
                .anySatisfy(line -> assertThat(line)
                        .matches("epoch 2   rollout " + SECONDS + " \\(reward jpeg-compressibility " + SECONDS
                                + " beside it\\), update " + SECONDS))
                .anySatisfy(line ->
                        assertThat(line).matches("update    " + SECONDS + ": 4 images, micro-batches of 2, one worker"))
                // Two micro-batches, and as many trained steps as have noise.
                .anySatisfy(line -> assertThat(line)
                        .matches("  alone   " + SECONDS + " [46] forward and backward passes of the denoiser"))
                .anySatisfy(line -> assertThat(line).matches(".*over the denoiser alone: [0-9.]+"))
                .noneSatisfy(line -> assertThat(line).contains("wanted"));
        assertThat(lines.get(lines.size() - 1)).matches("          by processor time, .*: -?[0-9.]+");
    }

    @Test
    void namesThePassesOfOtherWeights() throws IOException {
        List<String> lines =
                lines("sd3-tiny", "{preset: awm, likelihood: {times: {type: uniform, from: 0.2, to: 1}, draws: 2}}");
        assertThat(lines)
                .anySatisfy(line -> assertThat(line)
                        .matches("  alone   " + SECONDS + " 4 forward and backward passes of the denoiser"))
                .anySatisfy(line -> assertThat(line)
                        .matches("  alone   " + SECONDS + " 4 forward passes with the reference weights"))
                .anySatisfy(line ->
                        assertThat(line).matches("  alone   " + SECONDS + " 4 forward passes with the EMA weights"))
                .noneSatisfy(line -> assertThat(line).contains("behaviour weights"))
                .noneSatisfy(line -> assertThat(line).contains("NaN"));
    }
}
