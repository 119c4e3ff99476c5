package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code auto} as a size of batches and as a number of workers. */
class AutoBatchRunTest {
    @TempDir
    private Path scratch;

    private static int number(Path config, String key) throws IOException {
        Matcher found = Pattern.compile(key + ": (\\d+)").matcher(Files.readString(config));
        assertThat(found.find()).as(key).isTrue();
        return Integer.parseInt(found.group(1));
    }

    /** What was found is in the run's configuration: the run is that with these numbers, to the bit. */
    @Test
    void aRunIsThatWithTheNumbersThatItFound() throws IOException {
        String[] small = {"epochs=1", "evaluation=", "samples={prompts: 1, seeds: [0]}"};
        TinyRun auto = new TinyRun(
                scratch.resolve("auto"),
                small[0],
                small[1],
                small[2],
                "workers=auto",
                "rollout.batch_size=auto",
                "optimiser.micro_batch=auto");
        assertThat(auto.config().show())
                .contains("workers: auto  # --set", "batch_size: auto  # --set", "micro_batch: auto  # --set");
        auto.start();
        int workers = number(auto.path().resolve("config.yaml"), "workers");
        assertThat(workers).isPositive();
        assertThat(auto.notices).contains("auto: workers " + workers);
        int batch = number(auto.path().resolve("config.yaml"), "batch_size");
        int micro = number(auto.path().resolve("config.yaml"), "micro_batch");
        assertThat(batch).isIn(1, 2, 4);
        assertThat(micro).isIn(1, 2, 4);
        assertThat(auto.notices)
                .anyMatch(line ->
                        line.startsWith("auto: optimiser.micro_batch " + micro + ", rollout.batch_size " + batch));
        TinyRun given = new TinyRun(
                scratch.resolve("given"),
                small[0],
                small[1],
                small[2],
                "workers=" + workers,
                "rollout.batch_size=" + batch,
                "optimiser.micro_batch=" + micro);
        given.start();
        given.requireSameFile(auto, "pytorch_lora_weights.safetensors");
        assertThat(given.rows()).isEqualTo(auto.rows());
    }
}
