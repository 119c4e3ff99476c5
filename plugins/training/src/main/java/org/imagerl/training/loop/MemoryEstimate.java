package org.imagerl.training.loop;

import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
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
     * @param notices get a line for each that is computed
     */
    MemoryEstimate measured(OpenRun run, int images, Consumer<String> notices) {
        MemoryTrial trial = MemoryTrial.of(run);
        long limit = trial.memory().limit();
        notices.accept("plan: measuring the memory of a step of a rollout");
        long rollout = BatchPeak.of(trial::step, 1, images, limit);
        notices.accept("plan: measuring the memory of decoding");
        rollout = Math.max(rollout, BatchPeak.of(trial::decode, 1, images, limit));
        long update = 0;
        if (run.parts().objective().trains()) {
            notices.accept("plan: measuring the memory of an update");
            update = BatchPeak.of(
                    trial::update, trial.leastUpdate(), run.config().optimiser().microBatch(), limit);
        }
        return new MemoryEstimate(weights, trained, sampling, rollout, update);
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
