package org.imagerl.training.loop;

import java.util.Map;
import org.imagerl.toolkit.tensor.DeviceMemory;
import org.imagerl.training.work.WorkCost;

/**
 * Measures the cost of an epoch's training, from the moment this object is made; evaluations and sample grids are not
 * counted.
 */
final class Cost {
    private final PolicyRuntime runtime;
    private final long start = System.nanoTime();
    private final WorkCost before;

    Cost(PolicyRuntime runtime) {
        this.runtime = runtime;
        before = runtime.cost();
    }

    double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    /** Wall clock, processor time of all threads (which other work on the machine changes less), calls of the denoiser, most memory of the run so far. */
    Map<String, Double> metrics() {
        WorkCost cost = runtime.cost().since(before);
        return Map.of(
                "seconds_epoch",
                seconds(),
                "seconds_processor",
                cost.processorNanos() / 1e9,
                "denoiser_evaluations",
                (double) cost.evaluations(),
                "memory_peak_gb",
                DeviceMemory.of(runtime.pipeline().manager().getDevice()).peak() / 1e9);
    }
}
