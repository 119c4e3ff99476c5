package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Progress;
import org.imagerl.tests.Paths;
import org.imagerl.training.config.EffectiveConfig;
import org.imagerl.training.config.PreparedRun;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.loop.RunExecutors;
import org.imagerl.training.loop.Training;
import org.imagerl.training.report.EpochLog;
import org.imagerl.training.testing.ExecutorContract;

/** One run in a folder of its own: two epochs of DDPO on the tiny checkpoint, towards images that compress well. */
final class TinyRun {
    static final Registry REGISTRY = PromptReward.registry();

    private static final String CONFIG = """
        checkpoint: %s
        seed: 3
        device: cpu
        epochs: 2
        run: {folder: %s, save_every: 1, sample_every: 1, evaluate_every: 1}
        tuning: {type: lora, rank: 2, alpha: 4.0, targets: [to_q, to_k, to_v, to_out.0, conv1]}
        prompts: train.txt
        evaluation: {prompts: held-out.txt, samples_per_prompt: 2}
        rollout: {steps: 2, guidance: 2.0, prompts_per_epoch: 2, samples_per_prompt: 2, batch_size: 4, width: 16, height: 16}
        algorithm: ddpo
        optimiser: {learning_rate: 2.0e-3, micro_batch: 2, updates_per_epoch: 1}
        rewards: [jpeg-compressibility]
        samples: {prompts: 2, seeds: [0, 1]}
        """;

    private final Path folder;
    private final List<String> overrides;
    final List<String> notices = new ArrayList<>();

    /**
     * Writes the configuration and its prompts.
     *
     * @param overrides as on the command line: {@code optimiser.ema_decay=0.9}
     */
    TinyRun(Path folder, String... overrides) {
        this.folder = folder;
        this.overrides = List.of(overrides);
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("train.txt"), "a photo of the cat\nthe dog\nthe cat in a photo\n");
            Files.writeString(folder.resolve("held-out.txt"), "a photo of the dog\nthe photo\n");
            Files.writeString(file(), CONFIG.formatted(Paths.tinyCheckpoint(), folder.resolve("runs")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The configuration file, which also gives the run its name. */
    Path file() {
        return folder.resolve("tiny.yaml");
    }

    /** The configuration with all overrides. */
    EffectiveConfig config() {
        return new RunConfigLoader(REGISTRY).load(file(), overrides);
    }

    /** Runs to the end. */
    Training.Result start() {
        return start((stage, done, total, detail) -> {});
    }

    /** Runs until the user or the end stops it. */
    Training.Result start(Progress progress) {
        return Training.start(config(), REGISTRY, List.of("train", "tiny.yaml"), progress, notices::add);
    }

    /** Runs to the end, computed by others. */
    Training.Result start(RunExecutors.Factory computing) {
        return Training.start(
                PreparedRun.of(config(), REGISTRY, notices::add),
                REGISTRY,
                List.of("train", "tiny.yaml"),
                (stage, done, total, detail) -> {},
                notices::add,
                computing);
    }

    /** Goes on. */
    Training.Result resume(Progress progress) {
        return Training.resume(path(), REGISTRY, progress, notices::add);
    }

    /** The run's folder. */
    Path path() {
        return folder.resolve("runs/tiny");
    }

    /** The folder of an epoch's samples or checkpoint. */
    Path step(String kind, int epoch) {
        return path().resolve(String.format(Locale.ROOT, "%s/step-%09d", kind, epoch));
    }

    /** The names in a folder of the run, in order. */
    List<String> names(String... inside) {
        Path at = Arrays.stream(inside).reduce(path(), Path::resolve, (a, b) -> b);
        try (Stream<Path> files = Files.list(at)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Metrics by epoch, without clock and memory; an epoch must not be there twice. */
    Map<Long, Map<String, Double>> rows() {
        return ExecutorContract.rows(path());
    }

    /** How the rewards of each epoch lay, without the clock. */
    List<Object> scores() {
        return new EpochLog(path().resolve(EpochLog.NAME), Clock.systemUTC())
                .read().stream()
                        .<Object>map(line -> List.of(line.step(), line.rewards(), line.prompts()))
                        .toList();
    }

    /** The steps of {@code metrics.csv}. */
    List<Long> table() {
        try (Stream<String> lines = Files.lines(path().resolve("metrics.csv"))) {
            return lines.skip(1)
                    .map(line -> Long.valueOf(line.split(",", 2)[0]))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fails unless a file is that of another run to the bit. */
    void requireSameFile(TinyRun other, String file) {
        try {
            assertThat(Files.mismatch(path().resolve(file), other.path().resolve(file)))
                    .as("first byte that differs in %s", file)
                    .isEqualTo(-1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Someone who presses Ctrl-C when an epoch is done. */
    static Progress stopAfter(int epochs) {
        return new Progress() {
            private boolean stopped = epochs == 0;

            @Override
            public void update(String stage, long done, long total, String detail) {
                stopped |= stage.equals("epoch") && done >= epochs;
            }

            @Override
            public boolean stopped() {
                return stopped;
            }
        };
    }
}
