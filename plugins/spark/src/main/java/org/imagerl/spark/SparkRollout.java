package org.imagerl.spark;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.spark.Partition;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.spark.job.Jobs;
import org.imagerl.spark.job.Machine;
import org.imagerl.spark.job.Processors;
import org.imagerl.spi.ImageOrReason;
import org.imagerl.spi.Trajectories;
import org.imagerl.toolkit.sampling.JoinedTrajectories;
import org.imagerl.training.loop.OpenRun;
import org.imagerl.training.remote.ExecutorSession;
import org.imagerl.training.work.GradientUnit;
import org.imagerl.training.work.Rollout;
import org.imagerl.training.work.RolloutExecutor;
import org.imagerl.training.work.RolloutResult;
import org.imagerl.training.work.RolloutUnit;
import org.imagerl.training.work.TrajectoryFiles;
import org.imagerl.training.work.WorkFormat;
import org.jspecify.annotations.Nullable;

/** A rollout on Spark: its images and scores are here, its trajectories with the executors until they are asked for. */
final class SparkRollout implements Rollout {
    private static final RolloutExecutor.Watch NOBODY = new RolloutExecutor.Watch() {
        @Override
        public void begin() {}

        @Override
        public void done(RolloutUnit unit) {}
    };

    private final OpenRun run;
    private final String name;
    private final List<RolloutUnit> units;
    private final JavaRDD<SampledUnit> partitions;
    private final PolicyBroadcasts.Lease policy;
    private final Jobs jobs;
    private final Runnable closed;

    /** The number of the first sample of each unit, and the unit. */
    private final NavigableMap<Integer, Integer> firstSamples = new TreeMap<>();

    private final List<ImageOrReason> images = new ArrayList<>();
    private @Nullable RewardTable rewards;
    private @Nullable NDManager manager;
    private @Nullable Trajectories fetched;

    /** @param policy that samples; it is kept as long as samples may have to be computed again */
    SparkRollout(
            OpenRun run,
            String name,
            List<RolloutUnit> units,
            JavaRDD<SampledUnit> partitions,
            PolicyBroadcasts.Lease policy,
            Jobs jobs,
            Runnable closed) {
        this.run = run;
        this.name = name;
        this.units = units;
        this.partitions = partitions.persist(StorageLevel.MEMORY_AND_DISK());
        this.policy = policy;
        this.jobs = jobs;
        this.closed = closed;
        int first = 0;
        for (int unit = 0; unit < units.size(); unit++) {
            firstSamples.put(first, unit);
            first += units.get(unit).prompts().size();
        }
    }

    /** The work of a task. */
    static SampledUnit sample(Task task, Broadcast<byte[][]> policy, byte[] bytes) {
        RolloutUnit unit = WorkFormat.read(RolloutUnit.class, bytes);
        return ExecutorRun.compute(task, policy, run -> {
            ExecutorSession session = run.session();
            List<byte[]> result = session.rollout(List.of(unit), NOBODY);
            return new SampledUnit(Machine.here(), result, session.trajectories(unit));
        });
    }

    /** Waits for all units. */
    void compute(Processors processors, Scoring scoring, RolloutExecutor.Watch watch) {
        SampledUnit[] made = new SampledUnit[units.size()];
        jobs.each(partitions.map(SampledUnit::withoutTrajectories), watch::begin, (unit, sampled) -> {
            made[unit] = sampled;
            watch.done(units.get(unit));
        });
        List<List<ImageOrReason>> each = new ArrayList<>();
        List<RewardTable> tables = new ArrayList<>();
        for (SampledUnit unit : made) {
            RolloutResult result = RolloutResult.of(unit.result());
            each.add(result.images(unit.result()));
            tables.add(result.rewards());
            run.runtime().addCost(result.cost());
        }
        each.forEach(images::addAll);
        rewards = scoring.table(tables, each, units);
        processors.met(Arrays.stream(made).map(SampledUnit::machine).toList());
    }

    String name() {
        return name;
    }

    JavaRDD<SampledUnit> partitions() {
        return partitions;
    }

    /** Shards of an update on this rollout, of their micro-batches. */
    ShardRdd.Group group(int index, List<List<GradientUnit>> shards) {
        Partition[] all = partitions.rdd().partitions();
        TreeMap<Integer, String> parts = new TreeMap<>();
        List<Partition> sources = new ArrayList<>();
        TreeMap<Integer, Integer> needed = new TreeMap<>();
        shards.stream()
                .flatMap(List::stream)
                .flatMapToInt(unit -> Arrays.stream(unit.rows()))
                .forEach(row -> {
                    Map.Entry<Integer, Integer> unit =
                            Objects.requireNonNull(firstSamples.floorEntry(row), "samples are numbered from 0");
                    needed.put(unit.getKey(), unit.getValue());
                });
        needed.forEach((first, unit) -> {
            parts.put(first, Task.part(name, unit));
            sources.add(all[unit]);
        });
        List<List<byte[]>> written = new ArrayList<>();
        shards.forEach(units -> written.add(
                new ArrayList<>(units.stream().map(WorkFormat::write).toList())));
        return new ShardRdd.Group(index, written, parts, sources);
    }

    @Override
    public List<ImageOrReason> images() {
        return images;
    }

    @Override
    public RewardTable rewards() {
        return Objects.requireNonNull(rewards, "the rollout is not computed yet");
    }

    @Override
    public Trajectories trajectories() {
        if (fetched == null) {
            NDManager owner = run.runtime().pipeline().manager().newSubManager();
            manager = owner;
            List<Trajectories> each = jobs.run(partitions.map(SampledUnit::trajectories)::collect).stream()
                    .map(bytes -> TrajectoryFiles.of(bytes, owner, run.runtime().sampling()::kernel))
                    .toList();
            fetched = JoinedTrajectories.of(owner, each);
        }
        return fetched;
    }

    @Override
    public void close() {
        if (manager != null) {
            manager.close();
        }
        partitions.unpersist(false);
        policy.close();
        closed.run();
    }
}
