package org.imagerl.spark.score;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.imagerl.config.RegistryPartCodec;
import org.imagerl.config.registry.Registry;
import org.imagerl.scoring.BatchScorer;
import org.imagerl.scoring.ScoreHeader;
import org.imagerl.scoring.ScoredBatch;
import org.imagerl.scoring.reward.RewardArguments;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spark.job.Machine;
import org.imagerl.spark.job.TaskDevice;
import org.imagerl.spark.job.TaskFailure;
import org.imagerl.spi.Context;
import org.imagerl.spi.UserException;
import org.imagerl.spi.work.IgnoredSignal;
import org.imagerl.training.remote.BuildId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The scoring run that this executor works for: its rewards are opened by the first task and stay open. One task computes at a time. */
final class ExecutorScorer {
    private static final Logger LOG = LoggerFactory.getLogger(ExecutorScorer.class);

    private static @Nullable ExecutorScorer open;

    private final ScoringSpec spec;
    private final WeightedRewards rewards;

    private ExecutorScorer(ScoringSpec spec, WeightedRewards rewards) {
        this.spec = spec;
        this.rewards = rewards;
    }

    /** The work of a task. */
    static Portion.Rows score(ScoringSpec spec, Portion portion) {
        try {
            String device = TaskDevice.orFailure();
            return new Portion.Rows(Machine.here(), batches(spec, device, portion));
        } catch (TaskFailure | TaskKilledException e) {
            throw e;
        } catch (RuntimeException e) {
            throw TaskFailure.of(e, Machine.here());
        }
    }

    private static synchronized List<ScoredBatch> batches(ScoringSpec spec, String device, Portion portion) {
        ExecutorScorer scorer = open;
        if (scorer == null || !scorer.spec.id().equals(spec.id())) {
            if (scorer != null) {
                open = null;
                scorer.rewards.close();
            }
            IgnoredSignal.interrupt(); // Ctrl-C goes to all processes of a terminal: the driver decides when this ends
            scorer = new ExecutorScorer(spec, rewards(spec, device.isEmpty() ? spec.device() : device));
            open = scorer;
        }
        return scorer.batches(portion);
    }

    private static WeightedRewards rewards(ScoringSpec spec, String device) {
        spec.requireBuild(BuildId.of(BatchScorer.class));
        Registry registry = Registry.load(spec.plugins().stream().map(Path::of).toList());
        int threads = SparkEnv.get().conf().getInt("spark.task.cpus", 1);
        Context context =
                RegistryPartCodec.context(registry, Path.of(spec.folder()), device, threads, line -> LOG.warn(line));
        WeightedRewards made = WeightedRewards.create(
                spec.rewards().stream()
                        .map(text -> RewardArguments.read(registry, text))
                        .toList(),
                context);
        try {
            spec.requireFacts(ScoreHeader.facts(made));
            return made;
        } catch (UserException e) {
            made.close();
            throw e;
        }
    }

    private List<ScoredBatch> batches(Portion portion) {
        TaskContext task = TaskContext.get();
        BatchScorer scorer = new BatchScorer(rewards, spec.batchSize(), spec.orientation());
        List<ScoredBatch> batches = new ArrayList<>();
        spec.images()
                .read(
                        portion.items(),
                        spec.batchSize(),
                        BatchScorer.groupwise(rewards),
                        copies -> scorer.score(
                                copies.items(),
                                batch -> batches.add(batch.told(copies.plain())),
                                () -> task != null && task.isInterrupted()));
        if (task != null) {
            task.killTaskIfInterrupted(); // with rows of some images only, which nobody must see
        }
        return batches;
    }
}
