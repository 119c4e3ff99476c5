package org.imagerl.training.remote;

import ai.djl.engine.Engine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.imagerl.config.Overrides;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.UpdateSurvey;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.ScratchFolder;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.training.config.PreparedRun;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.loop.OpenRun;
import org.imagerl.training.loop.PolicyMemory;
import org.imagerl.training.loop.ThreadGradients;
import org.imagerl.training.loop.ThreadRollouts;
import org.imagerl.training.run.RunFolder;
import org.imagerl.training.work.FloatParts;
import org.imagerl.training.work.GradientResult;
import org.imagerl.training.work.GradientUnit;
import org.imagerl.training.work.Rollout;
import org.imagerl.training.work.RolloutExecutor;
import org.imagerl.training.work.RolloutResult;
import org.imagerl.training.work.RolloutUnit;
import org.imagerl.training.work.SurveyResult;
import org.imagerl.training.work.TrajectoryFiles;
import org.imagerl.training.work.WorkCost;
import org.imagerl.training.work.WorkFormat;

/**
 * Computes the work of a run whose loop is elsewhere: it opens the checkpoint and the rewards once, takes the memory of the policy, and computes units
 * with as many threads as the run has workers. What it computes follows from these bytes alone. One thread calls.
 */
public final class ExecutorSession implements AutoCloseable {
    private final OpenRun run;
    private final ThreadRollouts rollouts;
    private final ThreadGradients gradients;
    private final Map<String, Rollout> held = new HashMap<>();

    /**
     * What must be the same on both sides for the same numbers.
     *
     * @param engine the version of PyTorch
     * @param checkpoint tells the checkpoint's weights from others
     */
    record Hello(String engine, String checkpoint) {

        static Hello of(OpenRun run) {
            return new Hello(
                    Engine.getEngine("PyTorch").getVersion(),
                    run.runtime().pipeline().fingerprint());
        }
    }

    private ExecutorSession(OpenRun run) {
        this.run = run;
        this.rollouts = new ThreadRollouts(run);
        this.gradients = new ThreadGradients(
                run.runtime(),
                run.parts().objective(),
                run.runtime().trainedPolicy(),
                name -> rollout(name).trajectories());
    }

    /**
     * Opens the run of a folder; nothing in the folder is changed.
     *
     * @param folder of a run that another process has begun
     * @throws UserException as {@link OpenRun#open}
     */
    public static ExecutorSession open(Path folder, Registry registry, Consumer<String> notices) {
        PreparedRun prepared =
                new RunConfigLoader(registry).prepare(RunFolder.configOf(folder), Overrides.NONE, notices);
        OpenRun run = OpenRun.open(prepared, registry, notices);
        try {
            return new ExecutorSession(run);
        } catch (RuntimeException | Error e) {
            run.close();
            throw e;
        }
    }

    byte[] hello() {
        return WorkFormat.write(Hello.of(run));
    }

    private Rollout rollout(String name) {
        Rollout rollout = held.get(name);
        if (rollout == null) {
            throw UserException.input("this executor holds no rollout named " + name + ", but " + held.keySet());
        }
        return rollout;
    }

    /** Takes the memory of the policy: what follows is computed at that version. */
    public void policy(List<byte[]> memory) {
        PolicyMemory.read(run, memory);
    }

    /**
     * Computes a rollout and holds its trajectories.
     *
     * @return as {@link RolloutResult#write} gives it
     */
    public List<byte[]> rollout(List<RolloutUnit> units, RolloutExecutor.Watch watch) {
        WorkCost before = run.runtime().cost();
        Rollout rollout = rollouts.run(units, watch);
        held.put(units.get(0).sampling().rollout(), rollout);
        return RolloutResult.write(run.runtime().cost().since(before), rollout);
    }

    /**
     * Computes the gradients of an update on a rollout that is held.
     *
     * @return as {@link GradientResult#write} gives it
     */
    public List<byte[]> gradients(List<GradientUnit> units) {
        WorkCost before = run.runtime().cost();
        ThreadGradients.Taken taken = gradients.take(units);
        return GradientResult.write(run.runtime().cost().since(before), taken.outcomes(), taken.gradients());
    }

    /**
     * What the objective's survey sees of an update.
     *
     * @return one {@link SurveyResult}
     */
    public List<byte[]> survey(List<GradientUnit> units) {
        WorkCost before = run.runtime().cost();
        List<UpdateSurvey.Pair> pairs = List.copyOf(gradients.survey(units));
        return List.of(WorkFormat.write(new SurveyResult(run.runtime().cost().since(before), pairs)));
    }

    /** The file of the trajectories of a rollout that is held, to the bit, in parts. */
    public List<byte[]> trajectories(RolloutUnit first) throws IOException {
        Rollout rollout = rollout(first.sampling().rollout());
        try (ScratchFolder scratch = ScratchFolder.create()) {
            Path file = scratch.path().resolve("trajectories.safetensors");
            TrajectoryFiles.write(file, rollout.trajectories(), first.sampling().kernel(), DType.F32);
            return parts(file);
        }
    }

    private static List<byte[]> parts(Path file) throws IOException {
        List<byte[]> parts = new ArrayList<>();
        try (var in = Files.newInputStream(file)) {
            for (byte[] part = in.readNBytes(FloatParts.MAX_BYTES);
                    part.length > 0;
                    part = in.readNBytes(FloatParts.MAX_BYTES)) {
                parts.add(part);
            }
        }
        return parts;
    }

    /** Forgets a rollout. */
    public void forget(String name) {
        rollout(name).close();
        held.remove(name);
    }

    /** Does what a message asks for. */
    List<byte[]> answer(Message asked, RolloutExecutor.Watch watch) throws IOException {
        List<byte[]> parts = asked.parts();
        switch (asked.kind()) {
            case POLICY -> policy(parts);
            case ROLLOUT -> {
                return rollout(units(RolloutUnit.class, parts), watch);
            }
            case GRADIENTS -> {
                return gradients(units(GradientUnit.class, parts));
            }
            case SURVEY -> {
                return survey(units(GradientUnit.class, parts));
            }
            case TRAJECTORIES -> {
                return trajectories(WorkFormat.read(RolloutUnit.class, parts.get(0)));
            }
            case FORGET -> forget(new String(parts.get(0), StandardCharsets.UTF_8));
            default -> throw UserException.input("an executor was asked for " + asked.kind());
        }
        return List.of();
    }

    private static <T extends Record> List<T> units(Class<T> type, List<byte[]> parts) {
        return parts.stream().map(part -> WorkFormat.read(type, part)).toList();
    }

    @Override
    public void close() {
        held.values().forEach(Rollout::close);
        try {
            rollouts.close();
        } finally {
            run.close();
        }
    }
}
