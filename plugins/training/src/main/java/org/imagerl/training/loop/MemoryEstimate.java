package org.imagerl.training.loop;

import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntToLongFunction;
import org.imagerl.training.config.RunConfig;

/**
 * What a run holds in memory, computed from sizes and dtypes, and the most that is in use, measured.
 *
 * @param weights bytes of each component of the checkpoint
 * @param trained bytes of the trained tensors and all that goes with them: gradients, the optimiser's memory, averages, and the weights as they
 *     were before whole weights are trained
 * @param sampling the least bytes of activations while a batch of images is sampled; 0 where that is not known
 * @param rolloutPeak most bytes in use while images are sampled, everything included: of the process, on a GPU of all programs; 0
 *     where it was not measured
 * @param updatePeak the same of updates
 */
public record MemoryEstimate(
        SortedMap<String, Long> weights, long trained, long sampling, long rolloutPeak, long updatePeak) {

    /** A batch is tried if a line says that this share of the memory is enough. */
    private static final double SURE = 0.5;

    /** How much larger the next batch is that is tried. */
    private static final int FURTHER = 4;

    /** Keeps its own copy of the map. */
    public MemoryEstimate {
        weights = new TreeMap<>(weights);
    }

    /**
     * The estimate for a run that is open.
     *
     * @param images sampled at a time
     */
    static MemoryEstimate of(PolicyRuntime runtime, RunConfig config, int images) {
        long gradients = runtime.tuning().parameters().values().stream()
                .mapToLong(tensor -> tensor.size() * Float.BYTES)
                .sum();
        // The live tensors count as the frozen copy of them where whole weights are trained.
        long remembered = runtime.stateful().values().stream()
                .flatMap(part -> part.state().tensors().values().stream())
                .mapToLong(tensor -> tensor.size() * tensor.getDataType().getNumOfBytes())
                .sum();
        long branches = config.rollout().guidance() == 1 ? 1 : 2;
        return new MemoryEstimate(
                new TreeMap<>(runtime.pipeline().weightBytes()),
                gradients * config.shardCount() + remembered,
                images
                        * branches
                        * runtime.pipeline()
                                .imageBytes(
                                        runtime.size().width(), runtime.size().height()),
                0,
                0);
    }

    /**
     * The same with what batches take, which are computed for that.
     *
     * @param images sampled at a time
     */
    MemoryEstimate measured(OpenRun run, int images) {
        MemoryTrial trial = MemoryTrial.of(run);
        int micro = run.config().optimiser().microBatch();
        int least = trial.leastUpdate();
        long limit = trial.memory().limit();
        long update = run.parts().objective().trains() ? peak(trial::update, least, micro, limit) : 0;
        long rollout = peak(trial::rollout, 1, images, limit);
        return new MemoryEstimate(weights, trained, sampling, rollout, update);
    }

    /**
     * Of a batch itself where it surely fits, because what a few small images take is lost in what the process has anyway. Larger and larger batches are
     * tried, while a line through the last two says that the next one fits; where it may not, the line says what the batch takes.
     *
     * @param limit bytes that there may be in use; 0 where that is not known
     */
    static long peak(IntToLongFunction trial, int least, int images, long limit) {
        Map<Integer, Long> tried = new HashMap<>();
        IntToLongFunction once = size -> tried.computeIfAbsent(size, trial::applyAsLong);
        int size = Math.min(2 * least, images);
        PeakLine line = PeakLine.of(once, least, size);
        while (size < images) {
            int next = Math.min(FURTHER * size, images);
            if (!(line.at(next) < SURE * limit)) {
                return line.at(images);
            }
            line = PeakLine.of(once, size, next);
            size = next;
        }
        return line.at(images);
    }

    /** The most bytes in use; 0 where it was not measured. */
    public long peak() {
        return Math.max(rolloutPeak, updatePeak);
    }

    /** The bytes of the weights of the checkpoint. */
    public long weightBytes() {
        return weights.values().stream().mapToLong(Long::longValue).sum();
    }
}
