package org.imagerl.training.loop;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.imagerl.config.Overrides;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Progress;
import org.imagerl.spi.io.Claim;
import org.imagerl.toolkit.tensor.TorchEngine;
import org.imagerl.training.config.EffectiveConfig;
import org.imagerl.training.config.PreparedRun;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.run.Provenance;
import org.imagerl.training.run.RunFolder;
import org.jspecify.annotations.Nullable;

/** Begins and resumes trainings; what a training does is {@link TrainingLoop}. */
public final class Training {
    static final String VERSION = Optional.ofNullable(
                    Training.class.getPackage().getImplementationVersion())
            .orElse("development");

    private Training() {}

    /**
     * How a run ended.
     *
     * @param folder the run
     * @param finished whether all epochs were trained, or the user stopped it
     * @param before evaluation metrics before training; empty without held-out prompts
     * @param after evaluation metrics of the last evaluation
     * @param export what was trained, for other tools; null if stopped
     * @param evaluatedBy the dynamics and the number of steps of evaluations
     */
    public record Result(
            Path folder,
            boolean finished,
            Map<String, Double> before,
            Map<String, Double> after,
            @Nullable Path export,
            String evaluatedBy) {}

    /**
     * Starts a run.
     *
     * @param commandLine as typed, for the provenance
     * @param progress learns of every stage; asked whether the user wants to stop
     * @param notices takes lines for the user
     * @throws org.imagerl.spi.UserException before anything is written, if something is wrong
     */
    public static Result start(
            EffectiveConfig effective,
            Registry registry,
            List<String> commandLine,
            Progress progress,
            Consumer<String> notices) {
        return start(PreparedRun.of(effective, registry, notices), registry, commandLine, progress, notices);
    }

    /**
     * Starts a run whose parts are made already.
     *
     * @param prepared closed at the end
     */
    public static Result start(
            PreparedRun prepared,
            Registry registry,
            List<String> commandLine,
            Progress progress,
            Consumer<String> notices) {
        return start(prepared, registry, commandLine, progress, notices, RunExecutors.THREADS);
    }

    /**
     * Starts a run that others compute.
     *
     * @param prepared closed at the end
     * @param computing closed at the end
     */
    public static Result start(
            PreparedRun prepared,
            Registry registry,
            List<String> commandLine,
            Progress progress,
            Consumer<String> notices,
            RunExecutors.Factory computing) {
        RunConfig config = prepared.config();
        try (Claim claim = claim(prepared);
                OpenRun open = OpenRun.open(prepared, registry, notices);
                RunFolder run = RunFolder.create(
                        config.run(),
                        EffectiveConfig.yaml(open.config()),
                        provenance(open, registry, commandLine),
                        Clock.systemUTC());
                RunExecutors executors = computing.open(open, run.path())) {
            claim.release();
            return new TrainingLoop(open, run, executors, progress, notices).run(0, -1);
        }
    }

    /** Two runs of one name that are started together meet here, not when both have loaded all. */
    private static Claim claim(PreparedRun prepared) {
        try {
            return RunFolder.claim(prepared.config().run());
        } catch (RuntimeException e) {
            prepared.close();
            throw e;
        }
    }

    /** Goes on with a run from its newest checkpoint. */
    public static Result resume(Path folder, Registry registry, Progress progress, Consumer<String> notices) {
        return resume(folder, registry, progress, notices, RunExecutors.THREADS);
    }

    /** Resumes a run that other processes compute, wherever it was computed before. */
    public static Result resume(
            Path folder,
            Registry registry,
            Progress progress,
            Consumer<String> notices,
            RunExecutors.Factory computing) {
        PreparedRun prepared =
                new RunConfigLoader(registry).prepare(RunFolder.configOf(folder), Overrides.NONE, notices);
        RunConfig config = prepared.config();
        RunFolder.refuseHeld(folder);
        try (OpenRun open = OpenRun.open(prepared, registry, notices);
                RunFolder run = RunFolder.resume(folder, config.run(), Clock.systemUTC(), notices);
                RunExecutors executors = computing.open(open, folder)) {
            Optional<Path> newest = run.checkpoints().latest();
            long epoch = newest.map(checkpoint -> TrainingState.restore(checkpoint, open.stateful()))
                    .orElse(0L);
            Provenance.changed(folder.resolve(RunFolder.PROVENANCE), inputs(open, registry))
                    .forEach(file ->
                            notices.accept("warning: " + file + " is another file than when the run began: what follows"
                                    + " is no longer what an uninterrupted run would do"));
            notices.accept("resuming " + folder + " after epoch " + epoch + " of " + config.epochs()
                    + (epoch < config.epochs()
                            ? ""
                            : ": nothing is left to train; what was trained is exported again"));
            return new TrainingLoop(open, run, executors, progress, notices)
                    .run(epoch, newest.isPresent() ? epoch : -1);
        }
    }

    /** The files that the result depends on: checkpoint, prompts, reward models, and the jars of others. */
    private static List<Path> inputs(OpenRun open, Registry registry) {
        List<Path> inputs = new ArrayList<>(open.inputs());
        inputs.addAll(registry.foreignJars());
        return inputs;
    }

    private static Provenance provenance(OpenRun open, Registry registry, List<String> commandLine) {
        String engine = "PyTorch " + TorchEngine.get().getVersion();
        return Provenance.of(
                VERSION, engine, open.config().seed(), commandLine, inputs(open, registry), Clock.systemUTC());
    }
}
