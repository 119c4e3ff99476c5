package org.imagerl.bench.run;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.imagerl.config.Overrides;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Progress;
import org.imagerl.spi.io.ScratchFolder;
import org.imagerl.training.config.PreparedRun;
import org.imagerl.training.config.RolloutConfig;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.loop.Training;
import org.imagerl.training.report.MetricsLog;

/**
 * Two epochs of a run, split into rollout, reward and update; the first one includes the warm-up of engine and JVM.
 * Then the cost of an update beyond the denoiser, see {@link UpdateCost}.
 */
public final class EpochBenchmark {
    private static final Overrides SHORT = Overrides.NONE
            .set("epochs", 2)
            .set("evaluation", null)
            .set("samples.prompts", 1)
            .set("samples.seeds", List.of(0L))
            .set("run.name", "bench");

    private static final Overrides ONE_UPDATE = Overrides.NONE
            .set("optimiser.updates_per_epoch", 1)
            .set("optimiser.inner_epochs", 1)
            .set("workers", 1);

    private static final int TURNS = 5;

    private EpochBenchmark() {}

    /**
     * Trains as a configuration says, without evaluation, and leaves nothing behind.
     *
     * @param configuration of a training run
     * @param overrides as for {@link RunConfigLoader#load}
     * @param lines takes the results, a line each
     * @throws org.imagerl.spi.UserException if the run cannot be started
     */
    public static void run(
            Path configuration, List<String> overrides, Registry registry, Progress progress, Consumer<String> lines) {
        try (ScratchFolder scratch = ScratchFolder.create()) {
            Overrides all = Overrides.parse(overrides).and(SHORT).set("run.folder", scratch.path());
            RunConfigLoader loader = new RunConfigLoader(registry);
            PreparedRun prepared = loader.prepare(configuration, all, lines);
            Training.Result result = Training.start(prepared, registry, List.of("bench"), progress, lines);
            lines.accept(header(prepared.config()));
            for (MetricsLog.Row row : new MetricsLog(result.folder().resolve("metrics.jsonl")).read()) {
                if (row.values().containsKey("seconds_epoch")) {
                    lines.accept(line(row));
                }
            }
            UpdateCost.run(loader.prepare(configuration, all.and(ONE_UPDATE), lines), registry, TURNS, lines);
        }
    }

    private static String header(RunConfig config) {
        RolloutConfig rollout = config.rollout();
        int images = rollout.promptsPerEpoch() * rollout.samplesPerPrompt();
        return String.format(
                Locale.ROOT, "%d images of %d steps, guidance %s", images, rollout.steps(), rollout.guidance());
    }

    /** Rewards are scored beside the rollout: their time is in the rollout's only as far as it waits for them. */
    private static String line(MetricsLog.Row row) {
        Map<String, Double> values = row.values();
        double epoch = values.getOrDefault("seconds_epoch", Double.NaN);
        double rollout = values.getOrDefault("seconds_rollout", Double.NaN);
        String rewards = values.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("seconds_reward_"))
                .map(entry -> String.format(
                        Locale.ROOT,
                        "reward %s %.2f s beside it",
                        entry.getKey().substring("seconds_reward_".length()),
                        entry.getValue()))
                .collect(Collectors.joining(", "));
        return String.format(
                Locale.ROOT,
                "epoch %d   rollout %.2f s (%s), update %.2f s",
                row.step(),
                rollout,
                rewards,
                epoch - rollout);
    }
}
