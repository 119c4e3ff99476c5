package org.imagerl.training.loop;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.imagerl.toolkit.sampling.GuidedPolicy;

/** What an epoch's training costs, from its making on: evaluations and sample grids lie outside. */
final class Cost {
    private final GuidedPolicy policy;
    private final long start = System.nanoTime();
    private final long processorStart = processorTime();
    private final long evaluationsStart;

    Cost(GuidedPolicy policy) {
        this.policy = policy;
        evaluationsStart = policy.evaluations();
    }

    double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    /** Wall clock, processor time of all threads (which other work on the machine changes less), calls of the denoiser. */
    Map<String, Double> metrics() {
        return Map.of(
                "seconds_epoch",
                seconds(),
                "seconds_processor",
                (processorTime() - processorStart) / 1e9,
                "denoiser_evaluations",
                (double) (policy.evaluations() - evaluationsStart));
    }

    private static long processorTime() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    }
}
