package org.imagerl.training.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.Claim;
import org.imagerl.spi.io.Folders;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.report.EpochLog;
import org.imagerl.training.report.MetricsLog;

/**
 * The folder of one run, held by one process:
 *
 * <pre>
 * config.yaml       the configuration as it took effect
 * provenance.json   versions, seeds, hashes of inputs, command line
 * metrics.jsonl     a line of numbers per step
 * epochs.jsonl      a line per step: when, memory, and how the rewards of its images lay
 * metrics.csv, tensorboard/     the same for other programs, if there are such trackers
 * mlflow-*.json     which run of an MLflow server it is, if there is such a tracker
 * samples/step-000000100/       images, with grid.png
 * checkpoints/step-000000100/   all that is needed to go on
 * latest, best      names of checkpoints
 * log.txt           what was said
 * </pre>
 *
 * <p>A process may die at any moment: files and folders are renamed into place when they are complete, and metrics and samples that were
 * written after the newest whole checkpoint are taken back when the run is resumed. So a step's metrics and samples are written before its
 * checkpoint.
 */
public final class RunFolder implements AutoCloseable {
    /** What the run was made with: {@link Provenance}. */
    public static final String PROVENANCE = "provenance.json";

    private final Path folder;
    private final RunLock lock;
    private final Checkpoints checkpoints;
    private final MetricsLog metrics;
    private final EpochLog epochs;
    private final Clock clock;

    private RunFolder(Path folder, RunConfig.Run settings, Clock clock) {
        this.folder = folder;
        this.lock = RunLock.take(folder);
        this.checkpoints = new Checkpoints(folder, settings.keepLast(), settings.keepBest());
        this.metrics = metrics(folder);
        this.epochs = new EpochLog(folder.resolve(EpochLog.NAME), clock);
        this.clock = clock;
    }

    /**
     * Makes the folder of a new run.
     *
     * @param settings name and parent folder (relative to the working directory), and what is kept
     * @param configYaml the effective configuration
     * @throws UserException if there is a run of that name already
     */
    public static RunFolder create(RunConfig.Run settings, String configYaml, Provenance provenance, Clock clock) {
        Path folder = path(settings);
        refuseExisting(folder);
        Folders.create(folder, fresh -> {
            AtomicFile.writeText(fresh.resolve("config.yaml"), configYaml);
            AtomicFile.writeText(fresh.resolve(PROVENANCE), provenance.json());
        });
        return new RunFolder(folder, settings, clock);
    }

    /** Where a new run would lie. */
    public static Path path(RunConfig.Run settings) {
        return Path.of(settings.folder()).resolve(settings.name());
    }

    /**
     * Refuses to write into an existing run, before long work is done for a new one.
     *
     * @throws UserException with the remedies, if the folder is there
     */
    public static void refuseExisting(Path folder) {
        if (Files.exists(folder)) {
            throw UserException.input(folder + ": there is a run of this name already; continue it (imagerl resume "
                    + folder + ") or take another name (--set run.name=NAME)");
        }
    }

    /**
     * Keeps the name of a new run from others while what it needs is loaded, which may take minutes: its folder is made only when nothing is wrong.
     *
     * @throws UserException if there is a run already, another process is starting one there, or nothing can be written there
     */
    public static Claim claim(RunConfig.Run settings) {
        Path folder = path(settings);
        refuseExisting(folder);
        Claim claim = Claim.of(
                folder,
                folder + ": another process is starting a run of this name at this moment; take another name (--set"
                        + " run.name=NAME)");
        try {
            refuseExisting(folder); // it may have been made between the first look and the lock
            return claim;
        } catch (UserException e) {
            claim.close();
            throw e;
        }
    }

    /**
     * Refuses to go on with a run that another process works on, before long work is done for it.
     *
     * @throws UserException if it does
     */
    public static void refuseHeld(Path folder) {
        RunLock.take(folder).close();
    }

    /**
     * The configuration file of an existing run.
     *
     * @throws UserException if the folder is no run, or its configuration is no regular file
     */
    public static Path configOf(Path folder) {
        Path config = folder.resolve("config.yaml");
        if (Files.exists(config, LinkOption.NOFOLLOW_LINKS)) {
            BoundedFile.requireRegular(config);
        } else {
            String what = Files.isDirectory(folder) ? "is no run (it has no config.yaml)" : "there is no such folder";
            throw UserException.input(
                    folder + ": " + what + "; give the folder that train made, the one with checkpoints/ in it");
        }
        return config;
    }

    /**
     * Takes up an existing run at its newest whole checkpoint: metrics and samples that were written after it are taken back.
     *
     * @param settings of the run's own configuration
     * @param notices takes lines for the user, where a checkpoint is not whole or {@code latest} names another one
     * @throws UserException if the folder is no run, another process works on it, or its checkpoints are gone or damaged
     */
    public static RunFolder resume(Path folder, RunConfig.Run settings, Clock clock, Consumer<String> notices) {
        configOf(folder);
        RunFolder run = new RunFolder(folder, settings, clock);
        try {
            run.rewind(settings.saveEvery(), notices);
            return run;
        } catch (RuntimeException e) {
            run.close();
            throw e;
        }
    }

    /** The numbers of a run. */
    public static MetricsLog metrics(Path folder) {
        return new MetricsLog(folder.resolve("metrics.jsonl"));
    }

    /** The sample grids of a run by epoch; 0 is before training. */
    public static SortedMap<Long, Path> grids(Path folder) {
        SortedMap<Long, Path> grids = new TreeMap<>();
        for (Path step : Folders.list(folder.resolve("samples"))) {
            Path grid = step.resolve("grid.png");
            if (Files.exists(grid)) {
                Checkpoints.step(step).ifPresent(epoch -> grids.put(epoch, grid));
            }
        }
        return grids;
    }

    private void rewind(long saveEvery, Consumer<String> notices) {
        long step = checkpoints.recover(notices).orElse(-1); // none: the run died before its first
        if (step < 0) {
            requireNothingSaved(saveEvery);
        }
        Folders.deleteTemporary(folder);
        Folders.deleteTemporary(folder.resolve("checkpoints"));
        Folders.deleteTemporary(folder.resolve("samples"));
        Folders.list(folder.resolve("samples")).stream()
                .filter(path -> Checkpoints.step(path).orElse(0) > step)
                .forEach(Folders::delete);
        metrics.begin(folder, step);
    }

    /** A run that went on past its first checkpoint has one: if it is gone, the rest is not thrown after it. */
    private void requireNothingSaved(long saveEvery) {
        long reached =
                metrics.read().stream().mapToLong(MetricsLog.Row::step).max().orElse(0);
        if (reached > saveEvery) {
            throw UserException.input(folder + ": has no checkpoint, although its metrics reach step " + reached
                    + " and one is saved every " + saveEvery
                    + "; put the folder checkpoints back (was the run copied in part?),"
                    + " or begin a new run under another name");
        }
    }

    /** The folder itself. */
    public Path path() {
        return folder;
    }

    /** The checkpoints. */
    public Checkpoints checkpoints() {
        requireThere();
        return checkpoints;
    }

    /** The numbers. */
    public MetricsLog metrics() {
        requireThere();
        return metrics;
    }

    /** How the epochs went, beside the numbers. */
    public EpochLog epochs() {
        requireThere();
        return epochs;
    }

    /**
     * Writes the images of a step.
     *
     * @param writer fills the folder that it is given
     * @return where they are
     */
    public Path samples(long step, Consumer<Path> writer) {
        requireThere();
        Path target = folder.resolve("samples").resolve(Checkpoints.name(step));
        Folders.publish(target, writer::accept);
        return target;
    }

    /** Adds a line to {@code log.txt}, with the time. */
    public void log(String line) {
        requireThere();
        Path file = folder.resolve("log.txt");
        String text = clock.instant().truncatedTo(ChronoUnit.SECONDS) + " " + line + "\n";
        try {
            Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw IoProblems.writing(file, e);
        }
    }

    /** Missing folders are made where a file is written: a run whose folder is moved would go on in two halves, and end well. */
    public void requireThere() {
        if (!lock.isThere()) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    folder + ": the folder of the run was moved or deleted while it trained; go on from its last"
                            + " checkpoint where it lies now: imagerl resume FOLDER");
        }
    }

    /** Lets others work on the run. */
    @Override
    public void close() {
        lock.close();
    }
}
