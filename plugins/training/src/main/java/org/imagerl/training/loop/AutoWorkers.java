package org.imagerl.training.loop;

import org.imagerl.config.Auto;
import org.imagerl.config.Overrides;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Context;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.toolkit.tensor.Devices;
import org.imagerl.toolkit.tensor.TorchEngine;
import org.imagerl.training.config.BatchPlan;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.config.RunParts;

/**
 * Chooses the workers that a configuration leaves open ({@code auto}). The number of workers is that of the shards unless
 * these are given, and rounding depends on it. So the rule looks at sizes alone and measures nothing: a run of the same
 * configuration on the same machine has the same workers. docs/performance.md has the measurements behind it.
 */
final class AutoWorkers {
    /** Kernels of larger networks keep the cores busy, and every worker takes the memory of a batch. */
    private static final long SMALL = 20_000_000;

    private static final int MOST = 64;

    private AutoWorkers() {}

    /** The configuration with the number in it. */
    static RunConfig found(
            RunConfig config, RunParts parts, PipelineFactory family, Context context, Registry registry) {
        if (config.workers() != Auto.VALUE) {
            return config;
        }
        boolean alone = Devices.choose(config.device(), device -> {}).isGpu() || !isSmall(family, config, context);
        BatchPlan plan = BatchPlan.of(config, parts);
        int workers = alone
                ? 1
                : most(
                        TorchEngine.threads(),
                        config.shards() == null ? MOST : config.shards(),
                        plan.batches(config.rollout()),
                        plan.accumulation());
        context.warnings().accept("auto: workers " + workers);
        return new RunConfigLoader(registry).with(config, Overrides.NONE.set("workers", workers));
    }

    private static boolean isSmall(PipelineFactory family, RunConfig config, Context context) {
        long weights =
                family.stored(config.resolve(config.checkpoint()), config.pipelineOptions(context)).values().stream()
                        .mapToLong(PipelineFactory.StoredWeights::numbers)
                        .sum();
        return weights > 0 && weights <= SMALL;
    }

    /** As many as have a thread, a shard and something to do, both in a rollout and in an update. */
    static int most(int threads, int shards, int batches, int microBatches) {
        return Math.min(Math.min(threads, shards), Math.min(batches, microBatches));
    }
}
