package org.imagerl.bench.denoiser;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.imagerl.bench.timing.Seconds;
import org.imagerl.bench.timing.Timing;
import org.imagerl.toolkit.tensor.Gradients;

/** The bare kernels of a network with operands of their own, to be timed again and again. */
final class BareKernels implements AutoCloseable {
    private final NDManager manager;
    private final Map<BenchKernel, Integer> counts;
    private final Map<BenchKernel, Supplier<NDArray>> calls = new LinkedHashMap<>();
    private final Map<BenchKernel, List<Double>> seconds = new LinkedHashMap<>();

    BareKernels(Map<BenchKernel, Integer> counts, NDManager parent) {
        this.manager = parent.newSubManager();
        this.counts = counts;
        counts.keySet().forEach(kernel -> calls.put(kernel, kernel.call(manager)));
    }

    /** The time of all kernels, each as often as the network runs it. */
    Seconds once() {
        Seconds sum = Seconds.NONE;
        for (Map.Entry<BenchKernel, Supplier<NDArray>> call : calls.entrySet()) {
            Seconds one = Timing.onceOfShort(() -> Gradients.off(call.getValue()));
            seconds.computeIfAbsent(call.getKey(), kernel -> new ArrayList<>()).add(one.clock());
            sum = sum.plus(one.times(counts.getOrDefault(call.getKey(), 0)));
        }
        return sum;
    }

    /** A line for each kind of kernel: what it takes of the whole, medians over the rounds so far. */
    void report(Report report) {
        for (Class<?> kind : BenchKernel.class.getPermittedSubclasses()) {
            double[] sums = new double[2];
            counts.forEach((kernel, count) -> {
                if (kind.isInstance(kernel)) {
                    sums[0] += count * Timing.median(seconds.getOrDefault(kernel, List.of()));
                    sums[1] += count * kernel.operations();
                }
            });
            if (sums[1] > 0) {
                report.line(
                        "  bare    %.2f s %s, %.0f GFLOP, %.1f GFLOP/s",
                        sums[0], kind.getSimpleName().toLowerCase(Locale.ROOT), sums[1] / 1e9, sums[1] / sums[0] / 1e9);
            }
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
