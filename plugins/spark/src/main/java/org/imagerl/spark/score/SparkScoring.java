package org.imagerl.spark.score;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.imagerl.scoring.BatchScorer;
import org.imagerl.scoring.ImageItem;
import org.imagerl.scoring.ScoreHeader;
import org.imagerl.scoring.ScoredBatch;
import org.imagerl.scoring.ScoringCluster;
import org.imagerl.scoring.ScoringExecutor;
import org.imagerl.scoring.ScoringRun;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spark.job.Jobs;
import org.imagerl.spark.job.Processors;
import org.imagerl.spi.Stateful;
import org.imagerl.spi.UserException;
import org.imagerl.training.remote.BuildId;

/**
 * Scores images on Spark. A task has a portion of the images; its rows come back whole or not at all, and the driver alone writes them, in the order of the
 * images. So a lost executor, a task that is computed twice and a driver that is killed leave the same file as one process does.
 */
final class SparkScoring implements ScoringExecutor {
    /** Of files: enough work for a task, and few enough rows to lose. */
    private static final int BATCHES_PER_TASK = 16;

    /** Rows that come out of their order wait in the driver's memory: of so many tasks at most. */
    private static final int TASKS_PER_EXECUTOR = 32;

    private final JavaSparkContext spark;
    private final Jobs jobs;
    private final Processors processors;
    private final ScoringCluster.Asked asked;
    private final List<String> plugins;
    private final ImageSource images;

    /**
     * @param plugins paths of the jars of other plugins
     * @param images where executors find what is listed
     */
    SparkScoring(
            JavaSparkContext spark,
            Jobs jobs,
            Processors processors,
            ScoringCluster.Asked asked,
            List<String> plugins,
            ImageSource images) {
        this.spark = spark;
        this.jobs = jobs;
        this.processors = processors;
        this.asked = asked;
        this.plugins = plugins;
        this.images = images;
    }

    /** Ends a job that was stopped. */
    private static final class Stopped extends CancellationException {
        private static final long serialVersionUID = 1L;
    }

    @Override
    public void score(
            WeightedRewards rewards,
            ScoringRun.Options options,
            List<ImageItem> items,
            Consumer<ScoredBatch> rows,
            BooleanSupplier stopped) {
        refuseStateful(rewards);
        ScoringSpec spec = new ScoringSpec(
                UUID.randomUUID().toString(),
                new ArrayList<>(asked.rewards()),
                Path.of("").toAbsolutePath().toString(),
                new ArrayList<>(plugins),
                asked.device(),
                options.batchSize(),
                options.orientation(),
                images,
                BuildId.of(BatchScorer.class),
                new HashMap<>(ScoreHeader.facts(rewards)));
        List<Portion> portions = portions(rewards, options, items);
        try {
            for (int from = 0; from < portions.size(); ) {
                int to = Math.min(portions.size(), from + TASKS_PER_EXECUTOR * Math.max(1, jobs.executors()));
                score(spec, portions.subList(from, to), rows, stopped);
                from = to;
            }
        } catch (Stopped e) {
            // rows that have come in their order are written
        }
    }

    @Override
    public ImageItem.Found found(ImageItem item) {
        if (item.given() != null) {
            return item.found();
        }
        List<ImageItem.Found> found = new ArrayList<>();
        images.read(List.of(Listed.of(item)), 1, false, copies -> {
            ImageItem.Found own = copies.items().get(0).found();
            found.add(new ImageItem.Found(
                    own.prompt(), own.source(), copies.plain().apply(own.reason())));
        });
        return found.get(0);
    }

    private static void refuseStateful(WeightedRewards rewards) {
        rewards.entries().stream()
                .filter(entry -> entry.reward() instanceof Stateful)
                .findFirst()
                .ifPresent(entry -> {
                    throw UserException.input("reward " + entry.name() + " remembers the images that it has scored, and"
                            + " executors do not see each other's: score without --spark");
                });
    }

    private List<Portion> portions(WeightedRewards rewards, ScoringRun.Options options, List<ImageItem> items) {
        int atATime = options.batchSize() * BATCHES_PER_TASK;
        if (!BatchScorer.groupwise(rewards)) {
            return images.portions(items.stream().map(Listed::of).toList(), atATime).stream()
                    .map(Portion::new)
                    .toList();
        }
        Map<String, List<Listed>> groups = new LinkedHashMap<>();
        items.forEach(item -> groups.computeIfAbsent(found(item).prompt().id(), id -> new ArrayList<>())
                .add(Listed.of(item)));
        List<Portion> portions = new ArrayList<>();
        for (List<Listed> group : groups.values()) {
            int last = portions.size() - 1;
            if (last >= 0 && portions.get(last).items().size() + group.size() <= atATime) {
                portions.get(last).items().addAll(group);
            } else {
                portions.add(new Portion(group));
            }
        }
        return portions;
    }

    private void score(ScoringSpec spec, List<Portion> portions, Consumer<ScoredBatch> rows, BooleanSupplier stopped) {
        JavaRDD<Portion.Rows> scored = spark.parallelize(new ArrayList<>(portions), portions.size())
                .map(portion -> ExecutorScorer.score(spec, portion));
        Map<Integer, Portion.Rows> waiting = new HashMap<>();
        int[] next = {0};
        Runnable look = () -> {
            if (stopped.getAsBoolean()) {
                throw new Stopped();
            }
        };
        jobs.each(scored, look, (index, came) -> {
            processors.met(List.of(came.machine()));
            waiting.put(index, came);
            for (Portion.Rows now = waiting.remove(next[0]); now != null; now = waiting.remove(++next[0])) {
                for (ScoredBatch batch : now.batches()) {
                    look.run();
                    rows.accept(batch);
                }
            }
        });
    }
}
