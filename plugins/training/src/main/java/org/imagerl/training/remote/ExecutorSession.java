package org.imagerl.training.remote;

import ai.djl.ndarray.NDManager;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.imagerl.config.Overrides;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.UpdateSurvey;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.tensor.TorchEngine;
import org.imagerl.training.config.PreparedRun;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.loop.OpenRun;
import org.imagerl.training.loop.PolicyMemory;
import org.imagerl.training.loop.ThreadGradients;
import org.imagerl.training.loop.ThreadRollouts;
import org.imagerl.training.run.RunFolder;
import org.imagerl.training.work.GradientResult;
import org.imagerl.training.work.GradientUnit;
import org.imagerl.training.work.Replacement;
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
    private final Map<String, Held> held = new HashMap<>();

    /**
     * Trajectories of a rollout, or of a part of it.
     *
     * @param now what they are: samples of a rollout may be replaced
     * @param memory what is closed with them
     */
    private record Held(Supplier<Trajectories> now, Runnable memory) {}

    /**
     * What must be the same on both sides for the same numbers.
     *
     * @param imagerl tells the classes of this build from others
     * @param engine the version of PyTorch
     * @param checkpoint tells the checkpoint's weights from others
     */
    public record Hello(String imagerl, String engine, String checkpoint) implements Serializable {

        /** A session for a run that is open in this process. */
        public static Hello of(OpenRun run) {
            return new Hello(
                    BuildId.of(ExecutorSession.class),
                    TorchEngine.get().getVersion(),
                    run.runtime().pipeline().fingerprint());
        }

        /**
         * Makes sure that another process has the same.
         *
         * @param where the other process is
         */
        public void require(Hello there, String where) {
            if (!there.equals(this)) {
                String differences = Stream.of(
                                difference("imagerl", there.imagerl, imagerl),
                                difference("PyTorch", there.engine, engine),
                                difference("checkpoint", there.checkpoint, checkpoint))
                        .filter(text -> !text.isEmpty())
                        .collect(Collectors.joining(", "));
                throw new UserException(
                        UserException.Kind.ENVIRONMENT,
                        where + " has " + differences + "; start both with the same jars and the same checkpoint");
            }
        }

        private static String difference(String what, String there, String here) {
            return there.equals(here)
                    ? ""
                    : "another " + what + " (" + there + ") than the process of the loop (" + here + ")";
        }
    }

    private ExecutorSession(OpenRun run) {
        this.run = run;
        this.rollouts = new ThreadRollouts(run);
    }

    /**
     * Opens the run of a folder; nothing in the folder is changed.
     *
     * @param folder of a run that another process has begun
     * @throws UserException as {@link OpenRun#open}
     */
    public static ExecutorSession open(Path folder, Registry registry, Consumer<String> notices) {
        return open(
                new RunConfigLoader(registry).prepare(RunFolder.configOf(folder), Overrides.NONE, notices),
                registry,
                notices);
    }

    /** The same of a configuration that came another way. */
    public static ExecutorSession open(PreparedRun prepared, Registry registry, Consumer<String> notices) {
        OpenRun run = OpenRun.open(prepared, registry, notices);
        try {
            return new ExecutorSession(run);
        } catch (RuntimeException | Error e) {
            run.close();
            throw e;
        }
    }

    /** What is the same on both sides. */
    public Hello hello() {
        return Hello.of(run);
    }

    private Trajectories held(String name) {
        Held found = held.get(name);
        if (found == null) {
            throw UserException.input("this executor holds no rollout named " + name + ", but " + held.keySet());
        }
        return found.now().get();
    }

    private ThreadGradients gradients(ThreadGradients.Samples samples) {
        return new ThreadGradients(
                run.runtime(), run.parts().objective(), run.runtime().sampling().trainedPolicy(), samples);
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
        forget(units.get(0).sampling().rollout());
        held.put(units.get(0).sampling().rollout(), new Held(rollout::trajectories, rollout::close));
        return RolloutResult.write(run.runtime().cost().since(before), rollout);
    }

    /**
     * Computes the gradients of an update on a rollout that is held.
     *
     * @return as {@link GradientResult#write} gives it
     */
    public List<byte[]> gradients(List<GradientUnit> units) {
        return gradients(() -> gradients(ThreadGradients.Samples.of(this::held)).take(units));
    }

    /**
     * Computes units of an update as a single shard, on parts of a rollout that are held.
     *
     * @param parts their names by the first sample of each in the rollout
     * @return as {@link GradientResult#write} gives it
     */
    public List<byte[]> shard(List<GradientUnit> units, NavigableMap<Integer, String> parts) {
        return gradients(() -> gradients(new PartsOfRollout(parts, this::held)).takeOne(units));
    }

    private List<byte[]> gradients(Supplier<ThreadGradients.Taken> work) {
        WorkCost before = run.runtime().cost();
        ThreadGradients.Taken taken = work.get();
        return GradientResult.write(run.runtime().cost().since(before), taken.outcomes(), taken.gradients());
    }

    /**
     * What the objective's survey sees of an update.
     *
     * @return one {@link SurveyResult}
     */
    public List<byte[]> survey(List<GradientUnit> units) {
        return survey(units, ThreadGradients.Samples.of(this::held));
    }

    /** The same of units whose rollout is held in parts, as {@link #shard} takes them. */
    public List<byte[]> survey(List<GradientUnit> units, NavigableMap<Integer, String> parts) {
        return survey(units, new PartsOfRollout(parts, this::held));
    }

    private List<byte[]> survey(List<GradientUnit> units, ThreadGradients.Samples samples) {
        WorkCost before = run.runtime().cost();
        List<UpdateSurvey.Pair> pairs = List.copyOf(gradients(samples).survey(units));
        return List.of(WorkFormat.write(new SurveyResult(run.runtime().cost().since(before), pairs)));
    }

    /** The file of the trajectories of a rollout that is held, to the bit, in parts. */
    public List<byte[]> trajectories(RolloutUnit first) {
        return TrajectoryFiles.bytes(
                held(first.sampling().rollout()), first.sampling().kernel());
    }

    /** Whether a rollout, or a part of one, is held. */
    public boolean holds(String name) {
        return held.containsKey(name);
    }

    /**
     * Holds what another session has sampled.
     *
     * @param trajectories as {@link #trajectories} gave them there
     */
    public void hold(String name, List<byte[]> trajectories) {
        NDManager manager = run.runtime().pipeline().manager().newSubManager();
        forget(name);
        Trajectories taken =
                TrajectoryFiles.of(trajectories, manager, run.runtime().sampling()::kernel);
        held.put(name, new Held(() -> taken, manager::close));
    }

    /** Forgets a rollout, if it is held. */
    public void forget(String name) {
        Held forgotten = held.remove(name);
        if (forgotten != null) {
            forgotten.memory().run();
        }
    }

    /** Forgets all whose names are others. */
    public void keep(Predicate<String> names) {
        List.copyOf(held.keySet()).stream().filter(names.negate()).forEach(this::forget);
    }

    /** Does what a message asks for. */
    List<byte[]> answer(Message asked, RolloutExecutor.Watch watch) {
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
            case REPLACE -> rollouts.replace(WorkFormat.read(Replacement.class, parts.get(0)));
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
        keep(name -> false);
        try {
            rollouts.close();
        } finally {
            run.close();
        }
    }
}
