package org.imagerl.training.remote;

import ai.djl.ndarray.NDManager;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.spi.ImageOrReason;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.UpdateSurvey;
import org.imagerl.spi.UserException;
import org.imagerl.training.loop.OpenRun;
import org.imagerl.training.loop.PolicyMemory;
import org.imagerl.training.loop.RunExecutors;
import org.imagerl.training.work.GradientExecutor;
import org.imagerl.training.work.GradientResult;
import org.imagerl.training.work.GradientUnit;
import org.imagerl.training.work.Replacement;
import org.imagerl.training.work.Rollout;
import org.imagerl.training.work.RolloutExecutor;
import org.imagerl.training.work.RolloutResult;
import org.imagerl.training.work.RolloutUnit;
import org.imagerl.training.work.SurveyResult;
import org.imagerl.training.work.TrajectoryFiles;
import org.imagerl.training.work.WorkFormat;
import org.jspecify.annotations.Nullable;

/** Both executors of a run, with one executor process that computes everything; this process adds up, updates and keeps the run. */
final class RemoteExecutors implements RolloutExecutor, GradientExecutor {
    private final OpenRun run;
    private final ExecutorProcess executor;

    /** The version of the policy that the executor has; null before the first. */
    private @Nullable List<Long> sent;

    private RemoteExecutors(OpenRun run, ExecutorProcess executor) {
        this.run = run;
        this.executor = executor;
    }

    /** @throws UserException if a part of the run that the executor would compute with remembers something */
    static RunExecutors open(OpenRun run, ExecutorProcess executor) {
        try {
            Remembering.refuse(Stream.concat(Remembering.parts(run), Remembering.rewards(run)));
        } catch (UserException e) {
            executor.close();
            throw e;
        }
        RemoteExecutors executors = new RemoteExecutors(run, executor);
        return new RunExecutors(executors, executors);
    }

    /** Gives the executor the policy as it is now, unless it has that. */
    private void sendPolicy() {
        List<Long> version = PolicyMemory.version(run);
        if (!version.equals(sent)) {
            executor.ask(Message.Kind.POLICY, PolicyMemory.write(run));
            sent = version;
        }
    }

    private static List<byte[]> bytes(List<? extends Record> units) {
        return units.stream().map(WorkFormat::write).toList();
    }

    @Override
    public Rollout run(List<RolloutUnit> units, Watch watch) {
        sendPolicy();
        List<RuntimeException> stopped = new ArrayList<>();
        try {
            List<byte[]> result =
                    executor.ask(Message.Kind.ROLLOUT, bytes(units), asked -> during(asked, watch, stopped));
            return new Remote(units.get(0), result);
        } catch (IllegalStateException e) {
            throw stopped.isEmpty() ? e : stopped.get(0);
        }
    }

    @Override
    public void replace(Replacement replacement) {
        executor.ask(Message.Kind.REPLACE, List.of(WorkFormat.write(replacement)));
    }

    private static Optional<Message> during(Message asked, Watch watch, List<RuntimeException> stopped) {
        if (asked.kind() == Message.Kind.DONE) {
            watch.done(WorkFormat.read(RolloutUnit.class, asked.parts().get(0)));
            return Optional.empty();
        }
        try {
            watch.begin();
            return Optional.of(Message.of(Message.Kind.GO));
        } catch (RuntimeException e) {
            stopped.add(e);
            return Optional.of(Message.of(Message.Kind.STOP));
        }
    }

    @Override
    public List<Outcome> add(List<GradientUnit> units) {
        if (units.isEmpty()) {
            return List.of();
        }
        sendPolicy();
        List<byte[]> bytes = executor.ask(Message.Kind.GRADIENTS, bytes(units));
        GradientResult result = GradientResult.of(bytes);
        List<Outcome> outcomes = result.toOutcomes();
        if (outcomes.size() != units.size()) {
            throw UserException.input("the executor has computed " + outcomes.size() + " units of " + units.size());
        }
        run.runtime().shards().add(result.gradients(bytes));
        run.runtime().addCost(result.cost());
        return outcomes;
    }

    @Override
    public List<UpdateSurvey.Pair> survey(List<GradientUnit> units) {
        sendPolicy();
        List<byte[]> bytes = executor.ask(Message.Kind.SURVEY, bytes(units));
        SurveyResult result = WorkFormat.read(SurveyResult.class, bytes.get(0));
        run.runtime().addCost(result.cost());
        return result.pairs();
    }

    @Override
    public void close() {
        executor.close();
    }

    /** Its images and scores are here, its trajectories with the executor until they are asked for. */
    private final class Remote implements Rollout {
        private final RolloutUnit first;
        private final RewardTable rewards;
        private final List<ImageOrReason> images;
        private @Nullable NDManager manager;
        private @Nullable Trajectories fetched;

        Remote(RolloutUnit first, List<byte[]> bytes) {
            this.first = first;
            RolloutResult result = RolloutResult.of(bytes);
            this.rewards = result.rewards();
            this.images = result.images(bytes);
            run.runtime().addCost(result.cost());
        }

        @Override
        public List<ImageOrReason> images() {
            return images;
        }

        @Override
        public RewardTable rewards() {
            return rewards;
        }

        @Override
        public Trajectories trajectories() {
            if (fetched == null) {
                manager = run.runtime().pipeline().manager().newSubManager();
                fetched = fetch(manager);
            }
            return fetched;
        }

        private Trajectories fetch(NDManager owner) {
            return TrajectoryFiles.of(
                    executor.ask(Message.Kind.TRAJECTORIES, List.of(WorkFormat.write(first))),
                    owner,
                    run.runtime().sampling()::kernel);
        }

        @Override
        public void close() {
            if (manager != null) {
                manager.close();
            }
            executor.ask(Message.Kind.FORGET, List.of(first.sampling().rollout().getBytes(StandardCharsets.UTF_8)));
        }
    }
}
