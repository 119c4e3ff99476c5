package org.imagerl.spark;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.imagerl.spark.job.Jobs;
import org.imagerl.spark.job.Processors;
import org.imagerl.spi.UpdateSurvey;
import org.imagerl.training.loop.OpenRun;
import org.imagerl.training.work.GradientExecutor;
import org.imagerl.training.work.GradientResult;
import org.imagerl.training.work.GradientUnit;
import org.imagerl.training.work.Rollout;
import org.imagerl.training.work.RolloutExecutor;
import org.imagerl.training.work.RolloutUnit;
import org.imagerl.training.work.SurveyResult;
import org.imagerl.training.work.WorkFormat;

/**
 * Both executors of a run on Spark. A unit of a rollout is a partition, which stays with the executor that sampled it; a shard of an update is a
 * partition that depends on the units with its samples, or neighbouring ones where there are more shards than executors. The gradients are added up in the
 * fixed binary tree, so that the sum does not depend on the number of executors: by this process where they are few and small, else by the executors.
 */
final class SparkExecutors implements RolloutExecutor, GradientExecutor {
    /** The most bytes of gradients, estimated by those of the weights, that this process adds up. The executors' own way takes another stage of Spark, which is longer than these bytes take. */
    private static final long MAX_COLLECTED_BYTES = 64L << 20;

    private final OpenRun run;
    private final JavaSparkContext spark;
    private final RunSpec spec;
    private final Jobs jobs;
    private final Processors processors;
    private final PolicyBroadcasts policies;
    private final UpdateCosts costs = new UpdateCosts();

    /** By the name that their sampling gives them. */
    private final Map<String, SparkRollout> rollouts = new HashMap<>();

    private long sampled;

    SparkExecutors(OpenRun run, JavaSparkContext spark, RunSpec spec, Jobs jobs, Processors processors) {
        this.run = run;
        this.spark = spark;
        this.spec = spec;
        this.jobs = jobs;
        this.processors = processors;
        this.policies = new PolicyBroadcasts(spark, run);
    }

    @Override
    public Rollout run(List<RolloutUnit> units, Watch watch) {
        String asked = units.get(0).sampling().rollout();
        String name = asked + "@" + sampled++; // a rollout that was given up and is sampled again is another one
        Scoring scoring = Scoring.of(run.rewards(), units.get(0).sampling().rewards());
        List<byte[]> parts = IntStream.range(0, units.size())
                .mapToObj(i -> WorkFormat.write(part(units.get(i), Task.part(name, i), scoring)))
                .toList();
        Task task = task(name);
        PolicyBroadcasts.Lease policy = policies.current();
        Broadcast<byte[][]> memory = policy.memory();
        JavaRDD<SampledUnit> partitions =
                spark.parallelize(parts, parts.size()).map(unit -> SparkRollout.sample(task, memory, unit));
        SparkRollout rollout =
                new SparkRollout(run, name, units, partitions, policy, jobs, () -> rollouts.remove(asked));
        try {
            rollout.compute(processors, scoring, watch);
            rollouts.put(asked, rollout);
            return rollout;
        } catch (RuntimeException | Error e) {
            rollout.close();
            throw e;
        }
    }

    private static RolloutUnit part(RolloutUnit unit, String name, Scoring scoring) {
        return unit.by(unit.sampling().as(name, scoring.onExecutors()));
    }

    private Task task(String... more) {
        return new Task(
                spec,
                Stream.concat(rollouts.values().stream().map(SparkRollout::name), Stream.of(more))
                        .toList());
    }

    @Override
    public List<Outcome> add(List<GradientUnit> units) {
        if (units.isEmpty()) {
            return List.of();
        }
        long begun = System.nanoTime();
        JavaRDD<ShardResult> computed = shards(units, false);
        int groups = computed.getNumPartitions();
        GradientSum sum = jobs.run(() -> groups * policies.bytes() <= MAX_COLLECTED_BYTES
                ? GradientSum.of(computed.collect())
                : GradientSum.ofPieces(computed, Math.max(1, spark.defaultParallelism())));
        List<GradientResult> heads = sum.heads().stream()
                .map(head -> GradientResult.of(List.of(head)))
                .toList();
        run.runtime().shards().add(heads.get(0).sum(sum.gradient()));
        costs.add(
                System.nanoTime() - begun,
                sum.busy(),
                policies.bytes()
                        + sum.gradient().stream().mapToLong(part -> part.length).sum());
        heads.forEach(head -> run.runtime().addCost(head.cost()));
        return inOrder(heads.stream().map(GradientResult::toOutcomes).toList(), units.size());
    }

    /** Unit i is the i / S-th of shard i mod S. */
    private static <T> List<T> inOrder(List<List<T>> shards, int units) {
        return IntStream.range(0, units)
                .mapToObj(unit -> shards.get(unit % shards.size()).get(unit / shards.size()))
                .toList();
    }

    @Override
    public List<UpdateSurvey.Pair> survey(List<GradientUnit> units) {
        List<UpdateSurvey.Pair> pairs = new ArrayList<>();
        GradientSum.of(jobs.run(shards(units, true)::collect)).heads().forEach(head -> {
            SurveyResult result = WorkFormat.read(SurveyResult.class, head);
            run.runtime().addCost(result.cost());
            pairs.addAll(result.pairs());
        });
        return pairs;
    }

    private JavaRDD<ShardResult> shards(List<GradientUnit> units, boolean survey) {
        String name = units.get(0).rollout();
        SparkRollout rollout = Objects.requireNonNull(rollouts.get(name), () -> "no open rollout is named " + name);
        int shards = Math.min(units.size(), run.config().shardCount());
        List<List<GradientUnit>> each = IntStream.range(0, shards)
                .mapToObj(shard -> IntStream.iterate(shard, unit -> unit < units.size(), unit -> unit + shards)
                        .mapToObj(units::get)
                        .toList())
                .toList();
        int size = together(shards, jobs.executors());
        List<ShardRdd.Group> groups = IntStream.range(0, (shards + size - 1) / size)
                .mapToObj(i -> rollout.group(i, each.subList(i * size, Math.min(shards, (i + 1) * size))))
                .toList();
        return new ShardRdd(rollout.partitions().rdd(), task(), policies.memory(), survey, groups).toJavaRDD();
    }

    /** How many shards a task computes: a power of 2, so that their sum is one of the tree's, and so many that every executor has a task. */
    static int together(int shards, int executors) {
        int size = 1;
        while (size < shards && (shards + 2 * size - 1) / (2 * size) >= executors) {
            size *= 2;
        }
        return size;
    }

    @Override
    public void close() {
        List.copyOf(rollouts.values()).forEach(SparkRollout::close);
        policies.close();
        jobs.say(costs.line());
    }
}
