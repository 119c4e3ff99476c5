package org.imagerl.training.study;

import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.imagerl.config.ConfigLoader;
import org.imagerl.config.Overrides;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Progress;
import org.imagerl.spi.UserException;
import org.imagerl.training.config.EffectiveConfig;
import org.imagerl.training.config.PreparedRun;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.loop.RunCheck;
import org.imagerl.training.loop.Training;
import org.imagerl.training.report.MetricsLog;
import org.imagerl.training.run.RunFolder;
import org.jspecify.annotations.Nullable;

/**
 * Runs a study: what it needs is prepared, if a run is not finished; every arm first chooses its setting with the first
 * seed, then all arms are run with one seed after another. A run that is finished is not run again, one that was
 * interrupted is gone on with, and the report is written anew after each.
 */
public final class Study {
    private final StudyConfig study;
    private final Path file;
    private final Settings settings;
    private final Registry registry;
    private final Progress progress;
    private final Consumer<String> notices;
    private final RawRuns raw;
    private final StudyReport report;
    private boolean prepared;
    private final Map<String, Double> chosen = new LinkedHashMap<>();
    private final Map<String, Map<Double, Double>> tried = new LinkedHashMap<>();
    private final Map<String, Map<Long, List<MetricsLog.Row>>> finished = new LinkedHashMap<>();

    /**
     * Where things go.
     *
     * @param out folder of the report, the curves and the metrics of finished runs
     * @param runs folder of the runs themselves
     * @param command as it is typed, for the report
     * @param commands runs the words of a command line of imagerl, says what there is to say, and returns its exit code
     */
    public record Settings(Path out, Path runs, String command, ToIntFunction<List<String>> commands) {}

    private Study(
            StudyConfig study,
            Path file,
            Settings settings,
            Registry registry,
            Progress progress,
            Consumer<String> notices) {
        this.study = study;
        this.file = file;
        this.settings = settings;
        this.registry = registry;
        this.progress = progress;
        this.notices = notices;
        this.raw = new RawRuns(settings.out.resolve("raw"), registry);
        this.report = new StudyReport(settings.out, settings.command);
    }

    /**
     * Runs what is left of a study.
     *
     * @param file its configuration
     * @param progress learns of every stage; asked whether the user wants to stop
     * @param notices takes lines for the user
     * @return the report; empty if the user stopped it
     * @throws UserException before anything runs, if a configuration is wrong
     * @throws FailedCommand if a command that prepares it fails
     */
    public static Optional<Path> run(
            Path file, Settings settings, Registry registry, Progress progress, Consumer<String> notices) {
        StudyConfig config = new ConfigLoader(registry).record(StudyConfig.class, file, List.of());
        return new Study(config, file, settings, registry, progress, notices).run();
    }

    /**
     * Reads a study and all configurations that it names, and runs nothing.
     *
     * @throws UserException if one is wrong
     */
    public static void check(Path file, Registry registry) {
        StudyConfig config = new ConfigLoader(registry).record(StudyConfig.class, file, List.of());
        Settings nowhere = new Settings(Path.of("runs"), Path.of("runs"), "", words -> 0);
        new Study(config, file, nowhere, registry, (stage, done, total, detail) -> {}, line -> {}).checkFirst();
    }

    private Optional<Path> run() {
        checkFirst();
        for (StudyConfig.Arm arm : study.arms()) {
            if (!choose(arm)) {
                return Optional.empty();
            }
        }
        gather();
        for (long seed : study.seeds()) {
            for (StudyConfig.Arm arm : study.arms()) {
                if (rows(arm, chosen.get(arm.name()), seed, false) == null) {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(report.write(outcomes()));
    }

    /** What lies finished is in the report from the first, in whatever order it was made. */
    private void gather() {
        for (long seed : study.seeds()) {
            for (StudyConfig.Arm arm : study.arms()) {
                raw.find(config(arm, chosen.get(arm.name()), seed, false)).ifPresent(rows -> keep(arm, seed, rows));
            }
        }
        if (!finished.isEmpty()) {
            report.write(outcomes());
        }
    }

    private void keep(StudyConfig.Arm arm, long seed, List<MetricsLog.Row> rows) {
        finished.computeIfAbsent(arm.name(), name -> new TreeMap<>()).put(seed, rows);
    }

    /** Reads every configuration, so that a mistake in the last does not show after hours; what is yet to be prepared need not be there. */
    private void checkFirst() {
        checkRuns(study.prepare().isEmpty());
        StudyReport.check(study);
    }

    private void checkRuns(boolean filesThere) {
        RunConfigLoader loader = new RunConfigLoader(registry);
        boolean apart = study.tune() != null && study.tune().apart();
        List<RunConfig> runs = new ArrayList<>();
        List<PreparedRun> prepared = new ArrayList<>();
        try (RunCheck look = new RunCheck(registry, line -> {})) {
            for (StudyConfig.Arm arm : study.arms()) {
                Path config = file.resolveSibling(arm.config());
                for (Double value : values()) {
                    for (boolean trial : apart ? new boolean[] {false, true} : new boolean[] {false}) {
                        Overrides overrides =
                                overrides(arm, value, study.seeds().get(0), trial);
                        if (filesThere) {
                            PreparedRun run = loader.prepare(config, overrides, line -> {});
                            prepared.add(run);
                            look.inputs(run);
                            runs.add(run.config());
                        } else {
                            runs.add(loader.read(config, overrides).config());
                        }
                    }
                }
            }
            look.checkpoints(prepared);
        } finally {
            prepared.forEach(PreparedRun::close);
        }
        StudyMetrics.check(study, file.toString(), runs);
    }

    /** Makes what runs need, once, before the first that is not finished; false if the user stopped it. */
    private boolean prepare() {
        if (prepared) {
            return true;
        }
        for (String line : study.prepare()) {
            notices.accept("prepare: " + line);
            int code = settings.commands.applyAsInt(CommandWords.split(line));
            if (progress.stopped()) {
                return false;
            }
            if (code != 0) {
                throw new FailedCommand(line, code);
            }
        }
        if (!study.prepare().isEmpty()) {
            checkRuns(true);
        }
        prepared = true;
        return true;
    }

    private List<@Nullable Double> values() {
        StudyConfig.Tune tune = study.tune();
        List<@Nullable Double> values = new ArrayList<>();
        if (tune == null) {
            values.add(null);
        } else {
            values.addAll(tune.values());
        }
        return values;
    }

    /** Whether the arm has its setting: not if the user stopped a run. */
    private boolean choose(StudyConfig.Arm arm) {
        StudyConfig.Tune tune = study.tune();
        if (tune == null) {
            return true;
        }
        Map<Double, Double> last = new TreeMap<>();
        for (double value : tune.values()) {
            List<MetricsLog.Row> rows = rows(arm, value, study.seeds().get(0), tune.apart());
            if (rows == null) {
                return false;
            }
            last.put(value, Series.of(rows, Series.EPOCH, tune.by()).last());
        }
        tried.put(arm.name(), last);
        last.entrySet().stream()
                .filter(entry -> Double.isFinite(entry.getValue()))
                .max(Comparator.comparingDouble(Map.Entry::getValue))
                .ifPresentOrElse(best -> chosen.put(arm.name(), best.getKey()), () -> {
                    throw UserException.input(
                            file + ": tune.by: no run of " + arm.name() + " has the metric " + tune.by());
                });
        return true;
    }

    /** The metrics of a run, which is run if it is not finished; null if the user stopped it. */
    private @Nullable List<MetricsLog.Row> rows(StudyConfig.Arm arm, @Nullable Double value, long seed, boolean trial) {
        EffectiveConfig config = config(arm, value, seed, trial);
        Optional<List<MetricsLog.Row>> found = raw.find(config);
        List<MetricsLog.Row> rows = found.isPresent() ? found.get() : train(config, seed);
        if (rows != null && !trial && Objects.equals(value, chosen.get(arm.name()))) {
            keep(arm, seed, rows);
        }
        if (rows != null && found.isEmpty()) {
            report.write(outcomes());
        }
        return rows;
    }

    private @Nullable List<MetricsLog.Row> train(EffectiveConfig config, long seed) {
        if (progress.stopped() || !prepare()) {
            return null;
        }
        Path run = RunFolder.path(config.config().run());
        notices.accept("run " + config.config().run().name() + " (" + study.runs() + " in all)");
        Training.Result result;
        if (Files.exists(run)) {
            raw.requireSame(RunFolder.configOf(run), config, "delete " + run + " to run it again");
            result = Training.resume(run, registry, progress, notices);
        } else {
            result = Training.start(config, registry, List.of(settings.command), progress, notices);
        }
        if (!result.finished()) {
            return null;
        }
        if (seed == study.seeds().get(0)) {
            raw.keepImages(config.config().run().name(), run);
        }
        return raw.keep(config, run);
    }

    private EffectiveConfig config(StudyConfig.Arm arm, @Nullable Double value, long seed, boolean trial) {
        Overrides overrides = overrides(arm, value, seed, trial);
        return new RunConfigLoader(registry).read(file.resolveSibling(arm.config()), overrides);
    }

    /** @param trial whether the run only helps to choose, with settings of its own */
    private Overrides overrides(StudyConfig.Arm arm, @Nullable Double value, long seed, boolean trial) {
        StudyConfig.Tune tune = study.tune();
        Overrides options = Overrides.parse(study.set()).and(Overrides.parse(arm.set()));
        if (trial && tune != null) {
            options = options.and(Overrides.parse(tune.set()));
        }
        return (tune == null || value == null ? options : options.set(tune.key(), value))
                .set("seed", seed)
                .set("run.name", trial ? "trial-" + name(arm, value, seed) : name(arm, value, seed))
                .set("run.folder", settings.runs);
    }

    /** The name of a run: {@code ARM-seed0}, with tuning {@code ARM-0.0003-seed0}. */
    static String name(StudyConfig.Arm arm, @Nullable Double value, long seed) {
        return arm.name() + (value == null ? "" : "-" + plain(value)) + "-seed" + seed;
    }

    /** {@code 0.0003}, not {@code 3.0E-4}. */
    static String plain(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }

    private Outcomes outcomes() {
        return new Outcomes(study, chosen, tried, finished);
    }
}
