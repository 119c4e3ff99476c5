package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.imagerl.images.ImageDecoder;
import org.imagerl.testkit.CloseImages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs whose batches are computed beside each other. */
class WorkersRunTest {
    private static final String BATCHES = "rollout.batch_size=1";
    private static final String MICRO_BATCHES = "optimiser.micro_batch=1";
    private static final String STEPS = "algorithm.trained_steps={type: random, fraction: 0.7}";
    private static final String REWARD = "rewards=[letters-of-the-prompt]";
    private static final String FEW = "evaluation.samples_per_prompt=1";
    private static final String SAMPLES = "samples={prompts: 2, seeds: [0]}";

    @TempDir
    Path scratch;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tuning.type=lora",
                "tuning={type: full, components: [unet]}",
                "algorithm.sampled_by=ema",
                "memory.checkpointing=true"
            })
    void learnWhatOneWorkerLearns(String setting) {
        List<String> settings =
                List.of(setting, STEPS, REWARD, FEW, SAMPLES, BATCHES, MICRO_BATCHES, "rollout.guidance=1");
        TinyRun one = new TinyRun(scratch.resolve("one"), settings.toArray(String[]::new));
        TinyRun three = new TinyRun(
                scratch.resolve("three"),
                Stream.concat(settings.stream(), Stream.of("workers=3")).toArray(String[]::new));
        one.start();
        three.start();
        Map<Long, Map<String, Double>> expected = one.rows();
        assertThat(three.rows().keySet()).isEqualTo(expected.keySet());
        three.rows().forEach((epoch, metrics) -> {
            Map<String, Double> row = Objects.requireNonNull(expected.get(epoch));
            assertThat(metrics.keySet()).isEqualTo(row.keySet());
            metrics.forEach((name, value) -> assertThat(value)
                    .as("epoch %d, %s", epoch, name)
                    .isCloseTo(row.get(name), within(1e-5 + 1e-3 * Math.abs(row.get(name)))));
        });
        requireImagesWithinOneByte(one.step("samples", 2), three.step("samples", 2));
    }

    private static void requireImagesWithinOneByte(Path one, Path three) {
        for (String name : List.of("p00-s0.png", "p01-s0.png")) {
            CloseImages.requireWithinOneByte(
                    name, ImageDecoder.decode(three.resolve(name)), ImageDecoder.decode(one.resolve(name)));
        }
    }

    /** Three shards, added up by one thread or by three: who computes is no matter. */
    @Test
    void dependOnTheShardsAndNotOnTheWorkersToTheBit() {
        String[] settings = {"shards=3", FEW, SAMPLES, BATCHES, MICRO_BATCHES, STEPS};
        TinyRun one = new TinyRun(scratch.resolve("one"), settings);
        String[] more = Arrays.copyOf(settings, settings.length + 1);
        more[settings.length] = "workers=3";
        TinyRun three = new TinyRun(scratch.resolve("three"), more);
        one.start();
        three.start();
        assertThat(three.rows()).isEqualTo(one.rows());
        three.requireSameFile(one, "pytorch_lora_weights.safetensors");
    }

    @Test
    void stoppedAndResumedEndsAsUninterruptedToTheBit() {
        String[] settings = {"workers=2", FEW, SAMPLES, BATCHES, MICRO_BATCHES, STEPS};
        TinyRun whole = new TinyRun(scratch.resolve("whole"), settings);
        TinyRun parts = new TinyRun(scratch.resolve("parts"), settings);
        whole.start();
        assertThat(parts.start(TinyRun.stopAfter(1)).finished()).isFalse();
        assertThat(parts.resume(TinyRun.stopAfter(9)).finished()).isTrue();
        assertThat(parts.rows()).isEqualTo(whole.rows());
        parts.requireSameFile(whole, "pytorch_lora_weights.safetensors");
        parts.requireSameFile(whole, "samples/step-000000002/p00-s0.png");
    }
}
