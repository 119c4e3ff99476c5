package org.imagerl.training.loop;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.imagerl.config.Overrides;
import org.imagerl.config.registry.Registry;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.ImageOrReason;
import org.imagerl.spi.Progress;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.sampling.Seeds;
import org.imagerl.training.config.PreparedRun;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.run.RunFolder;
import org.imagerl.training.work.Rollout;
import org.imagerl.training.work.RolloutExecutor;
import org.imagerl.training.work.RolloutUnit;
import org.imagerl.training.work.Sampling;
import org.jspecify.annotations.Nullable;

/**
 * Samples prompts that a run was not trained on, with the checkpoint that the run began from and with what it trained, on the same seeds,
 * and scores both. Nothing is written, and the run may be training meanwhile.
 */
public final class RunEvaluation {
    /** Samples whose images are in memory at a time, unless a prompt has more. */
    private static final int CHUNK = 64;

    private final OpenRun open;
    private final RolloutExecutor executor;
    private final HeldOut held;
    private final @Nullable WeightedRewards more;
    private final Images images;
    private final Progress progress;

    /**
     * What to evaluate.
     *
     * @param run its folder
     * @param checkpoint of the run
     * @param overrides over the run's configuration; the prompts are those of its section evaluation
     * @param seed of the noises in place of the run's; null is the run's own, whose images are those of its evaluations
     */
    public record Request(
            Path run,
            Path checkpoint,
            Overrides overrides,
            @Nullable Long seed) {}

    /** Who looks at the images. */
    @FunctionalInterface
    public interface Images {
        /**
         * Takes an image.
         *
         * @param tuned whether what was trained made it
         * @param index among all of the same maker
         */
        void take(boolean tuned, int index, Prompt prompt, ImageOrReason image);
    }

    /**
     * Two scores for every prompt and seed.
     *
     * @param prompts one per image, those of one text in a row
     * @param seeds one per image
     * @param base scores of the images of the checkpoint that the run began from
     * @param tuned scores of the images of what was trained
     * @param sampledBy the dynamics and the number of steps
     */
    public record Result(List<Prompt> prompts, long[] seeds, RewardTable base, RewardTable tuned, String sampledBy) {}

    private RunEvaluation(
            OpenRun open,
            RolloutExecutor executor,
            HeldOut held,
            @Nullable WeightedRewards more,
            Images images,
            Progress progress) {
        this.open = open;
        this.executor = executor;
        this.held = held;
        this.more = more;
        this.images = images;
        this.progress = progress;
    }

    /**
     * Evaluates.
     *
     * @param more rewards beside those of the run; null is none
     * @param images looks at the images
     * @throws UserException with what is wrong
     * @throws CancellationException if the user stops it
     */
    public static Result of(
            Request request,
            Registry registry,
            @Nullable WeightedRewards more,
            Images images,
            Progress progress,
            Consumer<String> notices) {
        Overrides overrides = request.overrides().set("run.trackers", List.of());
        PreparedRun prepared =
                new RunConfigLoader(registry).prepare(RunFolder.configOf(request.run()), overrides, notices);
        RunConfig.Evaluation evaluation = prepared.config().evaluation();
        if (evaluation == null) {
            prepared.close();
            throw UserException.input(request.run() + ": its configuration names no held-out prompts (section"
                    + " evaluation); give a file of prompts (--prompts FILE)");
        }
        try (OpenRun open = OpenRun.open(prepared, registry, notices);
                RunExecutors executors = RunExecutors.threads(open)) {
            requireOtherNames(open.rewards(), more);
            Long seed = request.seed();
            RandomStreams random = seed == null ? open.prompts().random() : new RandomStreams(seed);
            HeldOut held = HeldOut.of(open.prompts().heldOut(), evaluation.samplesPerPrompt(), random);
            RunEvaluation both = new RunEvaluation(open, executors.rollouts(), held, more, images, progress);
            RewardTable base = both.sampled(false);
            TrainingState.restore(request.checkpoint(), open.stateful());
            return new Result(
                    held.prompts(),
                    held.seeds(),
                    base,
                    both.sampled(true),
                    open.config().evaluatedBy());
        }
    }

    private static void requireOtherNames(WeightedRewards ofRun, @Nullable WeightedRewards more) {
        List<String> names = ofRun.names();
        List<String> others = more == null ? List.of() : more.names();
        others.stream().filter(names::contains).findFirst().ifPresent(name -> {
            throw UserException.input("reward " + name + ": the run has a reward of this name, which is scored anyway;"
                    + " leave it out, or give it another name: {type: TYPE, name: other, ...}");
        });
    }

    private RewardTable sampled(boolean tuned) {
        Sampling sampling = open.runtime()
                .sampling()
                .evaluation("evaluation", open.rewards().entries().size());
        List<RewardTable> tables = new ArrayList<>();
        for (int from = 0; from < held.size(); from = chunkEnd(from)) {
            tables.add(chunk(sampling, from, chunkEnd(from), tuned));
        }
        return RewardTable.concat(tables);
    }

    /** Images of one prompt are scored together: a reward may compare them. */
    private int chunkEnd(int from) {
        int end = Math.min(held.size(), from + CHUNK);
        while (end < held.size()
                && held.prompts().get(end).equals(held.prompts().get(end - 1))) {
            end++;
        }
        return end;
    }

    private RewardTable chunk(Sampling sampling, int from, int to, boolean tuned) {
        List<Prompt> prompts = held.prompts().subList(from, to);
        Seeds seeds = Seeds.own(Arrays.copyOfRange(held.seeds(), from, to));
        List<RolloutUnit> units =
                sampling.units(prompts, seeds, open.config().rollout().batchSize());
        try (Rollout rollout = executor.run(units, new Watch(from, tuned ? "tuned" : "base"))) {
            for (int i = 0; i < prompts.size(); i++) {
                images.take(tuned, from + i, prompts.get(i), rollout.images().get(i));
            }
            List<RewardTable.Column> columns = new ArrayList<>(rollout.rewards().columns());
            if (more != null) {
                more.scoreSamples(rollout.images(), prompts)
                        .columns()
                        .forEach(column -> columns.add(unweighted(column)));
            }
            return new RewardTable(List.copyOf(columns));
        }
    }

    /** The weighted sum is that of the run. */
    private static RewardTable.Column unweighted(RewardTable.Column column) {
        return new RewardTable.Column(column.name(), 0, column.spec(), column.scores(), column.milliseconds());
    }

    private final class Watch implements RolloutExecutor.Watch {
        private final String stage;
        private int done;

        Watch(int done, String stage) {
            this.done = done;
            this.stage = stage;
        }

        @Override
        public void begin() {
            if (progress.stopped()) {
                throw new CancellationException("stopped by the user");
            }
        }

        @Override
        public void done(RolloutUnit unit) {
            done += unit.prompts().size();
            progress.update(stage, done, held.size(), "");
        }
    }
}
