package org.imagerl.training.work;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * The cost of work in the process that did it.
 *
 * @param evaluations latents that the denoiser was asked about
 * @param processorNanos processor time of all threads
 */
public record WorkCost(long evaluations, long processorNanos) {

    /**
     * All that this process has cost so far.
     *
     * @param evaluations so far
     */
    public static WorkCost now(long evaluations) {
        return new WorkCost(
                evaluations,
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime());
    }

    /** This and other work. */
    public WorkCost plus(WorkCost other) {
        return new WorkCost(evaluations + other.evaluations, processorNanos + other.processorNanos);
    }

    /** The cost that was added since another moment. */
    public WorkCost since(WorkCost before) {
        return new WorkCost(evaluations - before.evaluations, processorNanos - before.processorNanos);
    }
}
