package org.imagerl.bench.timing;

import java.lang.management.ManagementFactory;
import java.util.Locale;
import org.imagerl.toolkit.tensor.Scope;

/**
 * Measures the seconds that work takes.
 *
 * @param clock by the clock on the wall
 * @param processor of all threads of this process together; other programs disturb it less
 */
public record Seconds(double clock, double processor) {
    /** Nothing done. */
    public static final Seconds NONE = new Seconds(0, 0);

    /** Measures one run of the work, whose arrays are freed. */
    public static Seconds of(Runnable work) {
        long processor = processorNanos();
        long start = System.nanoTime();
        Scope.run(work);
        long end = System.nanoTime();
        return new Seconds((end - start) / 1e9, (processorNanos() - processor) / 1e9);
    }

    private static long processorNanos() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getProcessCpuTime();
    }

    /** A ratio of processor times. Systems count them in steps of some milliseconds, so that short work may have none. */
    public static String shown(double ratio) {
        return Double.isFinite(ratio) ? String.format(Locale.ROOT, "%.3f", ratio) : "too short to tell";
    }

    /** The seconds of both together. */
    public Seconds plus(Seconds other) {
        return new Seconds(clock + other.clock, processor + other.processor);
    }

    /** The seconds of so many runs like this one. */
    public Seconds times(double factor) {
        return new Seconds(factor * clock, factor * processor);
    }
}
