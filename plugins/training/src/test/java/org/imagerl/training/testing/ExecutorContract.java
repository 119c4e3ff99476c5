package org.imagerl.training.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.training.loop.RunExecutors;
import org.imagerl.training.report.MetricsLog;
import org.junit.jupiter.api.Test;

/**
 * What everything that computes the work of a run keeps: its run is the run of threads to the bit, and at every call holds what {@link
 * org.imagerl.training.work.RolloutExecutor} and {@link org.imagerl.training.work.GradientExecutor} promise. The threads are held to the same.
 */
public abstract class ExecutorContract {
    /** Under test. */
    protected abstract RunExecutors.Factory executors();

    /**
     * Trains a run of two steps to its end, the same one whoever computes it.
     *
     * @param name of a folder for it
     * @return the run's folder, with the checkpoint of step 2
     */
    protected abstract Path train(String name, RunExecutors.Factory executors);

    /** Whether it is also given work that it must refuse. Where a failed unit is tried again elsewhere that takes too long for a test. */
    protected boolean refusesQuickly() {
        return true;
    }

    @Test
    void aRunIsThatOfThreadsToTheBit() {
        List<float[]> expected = new ArrayList<>();
        List<float[]> states = new ArrayList<>();
        Path threads = train("threads", CheckedExecutors.over(RunExecutors.THREADS, expected, true));
        Path run = train("run", CheckedExecutors.over(executors(), states, refusesQuickly()));
        assertThat(states).hasSameSizeAs(expected).isNotEmpty();
        for (int i = 0; i < states.size(); i++) {
            assertThat(states.get(i)).as("state %d", i).containsExactly(expected.get(i));
        }
        requireSame(run, threads);
    }

    /** Fails unless weights, the optimiser's memory and metrics of two runs of two steps are equal to the bit. */
    public static void requireSame(Path run, Path other) {
        for (String file : List.of(
                "pytorch_lora_weights.safetensors",
                "checkpoints/step-000000002/trainer.safetensors",
                "checkpoints/step-000000002/state.json")) {
            try {
                assertThat(Files.mismatch(run.resolve(file), other.resolve(file)))
                        .as("first byte that differs in %s", file)
                        .isEqualTo(-1);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        assertThat(rows(run)).isEqualTo(rows(other));
    }

    /** Metrics by step, without clock and memory; a step must not be there twice. */
    public static Map<Long, Map<String, Double>> rows(Path run) {
        Map<Long, Map<String, Double>> rows = new TreeMap<>();
        for (MetricsLog.Row row : new MetricsLog(run.resolve("metrics.jsonl")).read()) {
            Map<String, Double> values = new TreeMap<>(row.values());
            values.keySet().removeIf(name -> name.startsWith("seconds_") || name.equals("memory_peak_gb"));
            assertThat(rows.put(row.step(), values))
                    .as("line of step %d", row.step())
                    .isNull();
        }
        return rows;
    }
}
