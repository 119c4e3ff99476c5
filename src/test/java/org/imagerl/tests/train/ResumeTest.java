package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.imagerl.spi.Progress;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that was stopped or killed, however often, ends as one that was not: to the bit. */
class ResumeTest {
    /** All that has a memory: a tracker that needs several epochs, averages, a schedule, several updates, drawn steps. */
    private static final String[] SETTINGS = {
        "epochs=4",
        "run.save_every=2",
        "algorithm.advantage={type: per-prompt, buffer: 4, min_count: 3}",
        "algorithm.trained_steps={type: random, fraction: 0.7}",
        "optimiser.ema_decay=0.8",
        "optimiser.schedule=cosine",
        "optimiser.warmup_steps=2",
        "optimiser.updates_per_epoch=2",
        "optimiser.micro_batch=1",
        "evaluation.samples_per_prompt=1",
        "samples={prompts: 1, seeds: [0]}"
    };

    @TempDir
    static Path uninterruptedFolder;

    private static TinyRun uninterrupted;

    @TempDir
    Path scratch;

    @BeforeAll
    static void runWithoutInterruption() {
        uninterrupted = new TinyRun(uninterruptedFolder, SETTINGS);
        assertThat(uninterrupted.start().finished()).isTrue();
    }

    @Test
    void stoppedAndResumedTwice() {
        TinyRun run = new TinyRun(scratch, SETTINGS);
        assertThat(run.start(TinyRun.stopAfter(1)).finished()).isFalse();
        assertThat(run.names("checkpoints")).containsExactly("step-000000001");
        assertThat(run.names()).doesNotContain("pytorch_lora_weights.safetensors");
        assertThat(run.resume(TinyRun.stopAfter(2)).export()).isNull();
        assertThat(run.resume(TinyRun.stopAfter(9)).finished()).isTrue();
        assertThat(run.notices)
                .contains(
                        "resuming " + run.path() + " after epoch 1 of 4",
                        "resuming " + run.path() + " after epoch 2 of 4");
        requireEqual(run);
    }

    /** The process dies in epoch 4: after the checkpoint of epoch 2 there are metrics, samples and unfinished writes. */
    @Test
    void killedBetweenTwoCheckpoints() throws IOException {
        TinyRun run = new TinyRun(scratch, SETTINGS);
        Progress dies = (stage, done, total, detail) -> {
            if (stage.equals("update") && Files.exists(run.step("samples", 3))) {
                throw new IllegalStateException("killed");
            }
        };
        assertThatThrownBy(() -> run.start(dies)).hasMessage("killed");
        assertThat(run.names("checkpoints")).containsExactly("step-000000002");
        assertThat(run.names("samples")).contains("step-000000003");
        Path metrics = run.path().resolve("metrics.jsonl");
        Files.writeString(metrics, "{\"step\":4,\"reward_me", StandardOpenOption.APPEND);
        Files.createDirectories(run.path().resolve("checkpoints/.step-000000004.dead.tmp"));
        Files.createDirectories(run.step("checkpoints", 4));
        assertThat(run.resume(TinyRun.stopAfter(9)).finished()).isTrue();
        requireEqual(run);
        assertThat(run.names("checkpoints")).noneMatch(name -> name.startsWith("."));
    }

    private static void requireEqual(TinyRun run) {
        assertThat(run.rows()).isEqualTo(uninterrupted.rows());
        assertThat(run.rows().keySet()).isEqualTo(Set.of(0L, 1L, 2L, 3L, 4L));
        assertThat(run.scores()).isEqualTo(uninterrupted.scores()).hasSize(5);
        run.requireSameFile(uninterrupted, "pytorch_lora_weights.safetensors");
        run.requireSameFile(uninterrupted, "checkpoints/step-000000004/trainer.safetensors");
        run.requireSameFile(uninterrupted, "checkpoints/step-000000004/state.json");
        run.requireSameFile(uninterrupted, "samples/step-000000004/p00-s0.png");
        run.requireSameFile(uninterrupted, "before-after.png");
        run.requireSameFile(uninterrupted, "latest");
        assertThat(run.names()).isEqualTo(uninterrupted.names());
    }
}
