package org.imagerl.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.Dependency;
import org.apache.spark.NarrowDependency;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.rdd.RDD;
import org.imagerl.spark.job.Machine;
import org.imagerl.training.remote.ExecutorSession;
import org.imagerl.training.work.GradientUnit;
import org.imagerl.training.work.WorkFormat;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;

/**
 * The shards of an update, some neighbouring ones to a partition. It depends on the parts of the rollout that have its samples, and on no others: Spark
 * fetches those that other executors have, and lets the rollout's own lineage compute again what was lost.
 */
final class ShardRdd extends RDD<ShardResult> {
    private static final long serialVersionUID = 1L;

    private final Task task;
    private final Broadcast<byte[][]> policy;
    private final boolean survey;
    private final transient List<Group> groups;

    /**
     * Neighbouring shards.
     *
     * @param index of the group
     * @param units the micro-batches of each shard
     * @param parts of the rollout: the name of each by its first sample
     * @param sources the partitions that have these parts, in the order of {@code parts}
     */
    record Group(int index, List<List<byte[]>> units, TreeMap<Integer, String> parts, List<Partition> sources)
            implements Partition, Serializable {}

    /**
     * @param rollout of {@link SampledUnit}s
     * @param survey whether the objective only looks at the update; else its gradients are computed
     */
    ShardRdd(RDD<SampledUnit> rollout, Task task, Broadcast<byte[][]> policy, boolean survey, List<Group> groups) {
        super(
                rollout.context(),
                sequence(new Sources(
                        rollout,
                        groups.stream()
                                .map(group -> group.sources().stream()
                                        .mapToInt(Partition::index)
                                        .toArray())
                                .toArray(int[][]::new))),
                ClassTag$.MODULE$.apply(ShardResult.class));
        this.task = task;
        this.policy = policy;
        this.survey = survey;
        this.groups = groups;
    }

    private static Seq<Dependency<?>> sequence(Dependency<?> only) {
        return CollectionConverters.asScala(List.<Dependency<?>>of(only)).toList();
    }

    /** Which partitions of the rollout a shard is computed from. */
    private static final class Sources extends NarrowDependency<SampledUnit> {
        private static final long serialVersionUID = 1L;

        private final int[][] sources;

        Sources(RDD<SampledUnit> rollout, int[][] sources) {
            super(rollout);
            this.sources = sources;
        }

        @Override
        public Seq<Object> getParents(int partition) {
            List<Object> parents = new ArrayList<>();
            IntStream.of(sources[partition]).forEach(parents::add);
            return CollectionConverters.asScala(parents).toList();
        }
    }

    @Override
    public Partition[] getPartitions() {
        return groups.toArray(Partition[]::new);
    }

    @Override
    public scala.collection.Iterator<ShardResult> compute(Partition split, TaskContext context) {
        Group group = (Group) split;
        Map<String, List<byte[]>> fetched = new HashMap<>();
        int source = 0;
        for (String part : group.parts().values()) {
            Partition where = group.sources().get(source++);
            if (!ExecutorRun.holds(task.spec(), part)) {
                fetched.put(part, rollout().iterator(where, context).next().trajectories());
            }
        }
        ShardResult result = ExecutorRun.compute(task, policy, run -> {
            long begun = System.nanoTime();
            Map<String, String> ofTask = run.fetched().hold(fetched, "task " + context.taskAttemptId());
            NavigableMap<Integer, String> parts = new TreeMap<>(group.parts());
            parts.replaceAll((first, part) -> ofTask.getOrDefault(part, part));
            try {
                return result(run.session(), group, parts, begun);
            } finally {
                ofTask.values().forEach(run.session()::forget);
            }
        });
        return CollectionConverters.asScala(List.of(result).iterator());
    }

    private ShardResult result(ExecutorSession session, Group group, NavigableMap<Integer, String> parts, long begun) {
        List<byte[]> heads = new ArrayList<>();
        BinaryTree sum = new BinaryTree();
        for (List<byte[]> shard : group.units()) {
            List<GradientUnit> units = shard.stream()
                    .map(bytes -> WorkFormat.read(GradientUnit.class, bytes))
                    .toList();
            List<byte[]> computed = survey ? session.survey(units, parts) : session.shard(units, parts);
            heads.add(computed.get(0));
            sum.add(computed.subList(1, computed.size()));
        }
        UpdateCosts.Busy busy = new UpdateCosts.Busy(Machine.here().executor(), System.nanoTime() - begun);
        return new ShardResult(group.index(), busy, heads, new ArrayList<>(sum.sum()));
    }

    @SuppressWarnings("unchecked") // the only dependency, as the constructor made it
    private RDD<SampledUnit> rollout() {
        return (RDD<SampledUnit>) dependencies().head().rdd();
    }
}
