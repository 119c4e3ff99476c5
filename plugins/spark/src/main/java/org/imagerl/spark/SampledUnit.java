package org.imagerl.spark;

import java.io.Serializable;
import java.util.List;
import org.imagerl.spark.job.Machine;

/**
 * What came of a unit of a rollout: a partition of an RDD that Spark keeps with the executor that computed it, and computes again if that is lost.
 *
 * @param machine what computed it
 * @param result as {@link org.imagerl.training.work.RolloutResult#write} gives it
 * @param trajectories as {@link org.imagerl.training.remote.ExecutorSession#trajectories} gives them
 */
record SampledUnit(Machine machine, List<byte[]> result, List<byte[]> trajectories) implements Serializable {

    SampledUnit withoutTrajectories() {
        return new SampledUnit(machine, result, List.of());
    }
}
