package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.imagerl.spi.io.AtomicFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rewards that are trained on decide what is trained; those that are only watched do not. */
class WatchedRewardsTest {
    @TempDir
    private Path scratch;

    /** One epoch of two prompts, of which one has nothing that could be read. */
    private TinyRun run(String name, String algorithm) {
        Path folder = scratch.resolve(name);
        TinyRun run = new TinyRun(
                folder,
                "algorithm=" + algorithm,
                "rewards=[{type: ocr, mode: line, fallback: skip}]",
                "epochs=1",
                "optimiser.micro_batch=1",
                "evaluation=null");
        AtomicFile.writeText(folder.resolve("train.txt"), "a photo of \"cat\"\nthe dog\n");
        run.start();
        return run;
    }

    private static List<String> nothingToLearn(TinyRun run) {
        return run.notices.stream()
                .filter(line -> line.contains("nothing to learn from"))
                .toList();
    }

    @Test
    void whatIsTrainedOnLeavesImagesOut() {
        TinyRun run = run("trained", "ddpo");
        assertThat(run.rows().get(1L)).containsEntry("reward_ocr_failed", 2.0).containsEntry("samples_trained", 2.0);
        assertThat(nothingToLearn(run)).hasSize(1); // nothing can be read in images of the tiny checkpoint
    }

    @Test
    void whatIsWatchedLeavesNoneOut() {
        TinyRun run = run("watched", "{preset: ctrl, objective: {type: untrained}}");
        assertThat(run.rows().get(1L)).containsEntry("reward_ocr_failed", 2.0).containsEntry("samples_trained", 4.0);
        assertThat(nothingToLearn(run)).isEmpty();
    }
}
