package org.imagerl.training.loop;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.imagerl.config.Auto;
import org.imagerl.config.Overrides;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.work.Memory;
import org.imagerl.spi.work.OutOfMemory;
import org.imagerl.toolkit.tensor.DeviceMemory;
import org.imagerl.training.config.BatchPlan;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunConfigLoader;

/**
 * Finds the sizes of batches that a configuration leaves open ({@code auto}): the largest of those that divide the work and fit. On a GPU they
 * are tried in turn until memory runs out, which is survived there. On a CPU too much would end the process: there two small sizes are
 * measured, and a straight line through them says what larger ones take.
 */
final class AutoBatch {
    /** Larger ones are hardly faster. */
    private static final int MOST = 64;
    /** The rest is for what was not tried: rewards, files, other programs. */
    private static final double SHARE_OF_RAM = 0.7;

    private static final double SHARE_OF_GPU = 0.9;

    private AutoBatch() {}

    /** The run with what was found in its configuration. */
    static OpenRun found(OpenRun run, Registry registry, Consumer<String> notices) {
        RunConfig config = run.config();
        MemoryTrial trial = MemoryTrial.of(run);
        Overrides chosen = Overrides.NONE;
        StringBuilder line = new StringBuilder();
        if (config.optimiser().microBatch() == Auto.VALUE) {
            int size = largest(
                    microBatches(run, trial.leastUpdate()),
                    images -> trial.update(images).bytes(),
                    trial.memory());
            chosen = chosen.set("optimiser.micro_batch", size);
            line.append("optimiser.micro_batch ").append(size);
        }
        if (config.rollout().batchSize() == Auto.VALUE) {
            int size = largest(batches(run), trial::rollout, trial.memory());
            chosen = chosen.set("rollout.batch_size", size);
            line.append(line.isEmpty() ? "" : ", ")
                    .append("rollout.batch_size ")
                    .append(size);
        }
        long limit = trial.memory().limit();
        notices.accept("auto: " + line + (limit == 0 ? "" : ", the most that fits into " + Memory.gigabytes(limit)));
        RunConfig fixed = new RunConfigLoader(registry).with(config, chosen);
        return new OpenRun(fixed, run.parts(), run.prompts(), run.rewards(), run.runtime());
    }

    /** Powers of two, of which every worker gets one. */
    private static List<Integer> batches(OpenRun run) {
        int each = Math.max(
                1,
                BatchPlan.of(run.config(), run.parts()).samples() / run.config().workers());
        return IntStream.iterate(1, size -> size <= Math.min(MOST, each), size -> 2 * size)
                .boxed()
                .toList();
    }

    /** What divides an update, leaves every worker a micro-batch, and holds what is trained on together. */
    private static List<Integer> microBatches(OpenRun run, int least) {
        int update = BatchPlan.of(run.config(), run.parts()).samplesPerUpdate();
        int most = Math.max(least, Math.min(MOST, update / run.config().shardCount()));
        return IntStream.rangeClosed(least, most)
                .filter(size -> update % size == 0)
                .boxed()
                .toList();
    }

    /**
     * The largest size that fits; the smallest if none does.
     *
     * @param sizes ascending, at least one
     * @param peak bytes in use with a size; may run out of memory where that is survived
     */
    static int largest(List<Integer> sizes, IntToLongFunction peak, DeviceMemory memory) {
        return memory.survives() ? tried(sizes, peak, memory) : reckoned(sizes, peak, memory);
    }

    private static int reckoned(List<Integer> sizes, IntToLongFunction peak, DeviceMemory memory) {
        PeakLine line = PeakLine.of(peak, sizes.get(0), sizes.get(Math.min(1, sizes.size() - 1)));
        double limit = SHARE_OF_RAM * memory.limit();
        return sizes.stream()
                .filter(size -> line.at(size) <= limit)
                .max(Integer::compare)
                .orElse(sizes.get(0));
    }

    private static int tried(List<Integer> sizes, IntToLongFunction peak, DeviceMemory memory) {
        int fits = sizes.get(0);
        for (int size : sizes) {
            try {
                if (peak.applyAsLong(size) > SHARE_OF_GPU * memory.limit()) {
                    return fits;
                }
                fits = size;
            } catch (RuntimeException e) {
                if (!OutOfMemory.isBehind(e)) {
                    throw e;
                }
                memory.reset();
                return fits;
            }
        }
        return fits;
    }
}
