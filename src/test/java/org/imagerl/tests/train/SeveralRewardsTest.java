package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.imagerl.spi.UserException;
import org.imagerl.tests.Paths;
import org.imagerl.training.report.MetricsLog;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training on several rewards at once, one of them a drop-in ONNX model. */
class SeveralRewardsTest {
    @TempDir
    private static Path shared;

    private static TinyRun whole;

    @TempDir
    private Path scratch;

    @BeforeAll
    static void train() {
        whole = run(shared.resolve("whole"));
        whole.start();
    }

    private static TinyRun run(Path folder) {
        return new TinyRun(
                folder,
                "reward_combination=gdpo",
                "rewards=[jpeg-compressibility, {type: pickscore, folder: " + clip() + ", weight: 0.5},"
                        + " {type: clip, folder: " + clip() + ", name: order, rank: true}]",
                "evaluation_rewards=[{type: clip, folder: " + clip() + ", name: watched}]");
    }

    private static Path clip() {
        return Paths.golden().resolve("onnx-clip");
    }

    @Test
    void eachRewardIsTimedCountedAndTraced() throws IOException {
        List<MetricsLog.Row> rows = new MetricsLog(whole.path().resolve("metrics.jsonl")).read();
        assertThat(rows.get(1).values())
                .containsKeys("reward_pickscore_mean", "seconds_reward_order", "reward_jpeg-compressibility_mean")
                .containsEntry("reward_pickscore_failed", 0.0)
                .doesNotContainKey("reward_watched_mean");
        assertThat(rows.get(0).values()).containsKey("evaluation_watched_mean");
        assertThat(Files.readString(whole.path().resolve("provenance.json")))
                .contains("onnx-clip/model.onnx", "onnx-clip/vocab.json", "onnx-clip/preprocessor_config.json");
    }

    /** The advantage of every reward has a memory of its own (DDPO's statistics per prompt), which must survive. */
    @Test
    void aResumedRunEqualsOneThatWasNotInterrupted() throws IOException {
        TinyRun parts = run(scratch.resolve("parts"));
        parts.start(TinyRun.stopAfter(1));
        parts.resume(TinyRun.stopAfter(2));
        for (String file : List.of("trainer.safetensors", "state.json")) {
            assertThat(parts.step("checkpoints", 2).resolve(file))
                    .as(file)
                    .hasSameBinaryContentAs(whole.step("checkpoints", 2).resolve(file));
        }
    }

    @Test
    void aRewardThatFailsForAllImagesStopsTheRun() {
        TinyRun run = new TinyRun(
                scratch, "rewards=[{type: ocr, mode: line, fallback: skip}]", "evaluation=", "samples.seeds=[0]");
        assertThat(catchThrowable(run::start))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("reward ocr could not score any of")
                .hasMessageContaining("has no text between quotes");
    }
}
