package org.imagerl.spark;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.HashPartitioner;
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
import scala.Tuple2;

/**
 * Both executors of a run on Spark. A unit of a rollout is a partition, which stays with the executor that sampled it; a shard of an update is a
 * partition that depends on the units with its samples. The gradients are added up piece by piece, each piece by one task in the fixed binary tree, so
 * that the sum does not depend on the number of executors, and each executor sends and receives about one gradient, however many there are.
 */
final class SparkExecutors implements RolloutExecutor, GradientExecutor {
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
        int shards = Math.min(units.size(), run.config().shardCount());
        JavaRDD<ShardResult> computed = shards(units, shards, false);
        List<Tuple2<Integer, List<byte[]>>> sums =
                jobs.run(() -> computed.flatMapToPair(shard -> shard.pieces().stream()
                                .map(piece -> new Tuple2<>(piece.key(), piece))
                                .iterator())
                        .groupByKey(new HashPartitioner(Math.max(1, spark.defaultParallelism())))
                        .mapToPair(pieces -> new Tuple2<>(pieces._1(), sum(pieces._1(), pieces._2())))
                        .collect());
        SortedMap<Integer, List<byte[]>> byKey = new TreeMap<>();
        sums.forEach(sum -> byKey.put(sum._1(), sum._2()));
        List<GradientResult> heads =
                Objects.requireNonNull(byKey.remove(ShardResult.HEAD), "no shard has answered").stream()
                        .map(head -> GradientResult.of(List.of(head)))
                        .toList();
        List<UpdateCosts.Busy> busy =
                Objects.requireNonNull(byKey.remove(ShardResult.BUSY), "no shard has answered").stream()
                        .map(bytes -> WorkFormat.read(UpdateCosts.Busy.class, bytes))
                        .toList();
        List<byte[]> gradient = byKey.values().stream().flatMap(List::stream).toList();
        run.runtime().shards().add(heads.get(0).sum(gradient));
        costs.add(
                System.nanoTime() - begun,
                busy,
                policies.bytes()
                        + gradient.stream().mapToLong(part -> part.length).sum());
        heads.forEach(head -> run.runtime().addCost(head.cost()));
        return inOrder(heads.stream().map(GradientResult::toOutcomes).toList(), units.size());
    }

    /** What is added up for a key: what is no gradient in the order of the shards, or the sum of the pieces. */
    private static List<byte[]> sum(int key, Iterable<ShardResult.Piece> pieces) {
        List<byte[]> ordered = StreamSupport.stream(pieces.spliterator(), false)
                .sorted(Comparator.comparingInt(ShardResult.Piece::shard))
                .map(ShardResult.Piece::bytes)
                .toList();
        return new ArrayList<>(key < 0 ? ordered : List.of(BinaryTree.sum(ordered)));
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
        int shards = Math.min(units.size(), run.config().shardCount());
        for (ShardResult shard : jobs.run(shards(units, shards, true)::collect)) {
            SurveyResult result =
                    WorkFormat.read(SurveyResult.class, shard.result().get(0));
            run.runtime().addCost(result.cost());
            pairs.addAll(result.pairs());
        }
        return pairs;
    }

    private JavaRDD<ShardResult> shards(List<GradientUnit> units, int shards, boolean survey) {
        String name = units.get(0).rollout();
        SparkRollout rollout = Objects.requireNonNull(rollouts.get(name), () -> "no open rollout is named " + name);
        List<ShardRdd.Shard> partitions = IntStream.range(0, shards)
                .mapToObj(shard -> rollout.shard(
                        shard,
                        IntStream.iterate(shard, unit -> unit < units.size(), unit -> unit + shards)
                                .mapToObj(units::get)
                                .toList()))
                .toList();
        return new ShardRdd(rollout.partitions().rdd(), task(), policies.memory(), survey, partitions).toJavaRDD();
    }

    @Override
    public void close() {
        List.copyOf(rollouts.values()).forEach(SparkRollout::close);
        policies.close();
        jobs.say(costs.line());
    }
}
