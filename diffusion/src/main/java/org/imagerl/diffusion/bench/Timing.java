package org.imagerl.diffusion.bench;

import java.util.stream.IntStream;
import org.imagerl.toolkit.tensor.Scope;

/** Wall-clock time of work that is done several times. */
final class Timing {
    private static final double SHORT_SECONDS = 0.05;

    private Timing() {}

    /** Seconds of one run. */
    static double once(Runnable work) {
        long start = System.nanoTime();
        Scope.run(work);
        return (System.nanoTime() - start) / 1e9;
    }

    /** Median seconds of some runs, after one that does not count. */
    static double median(int repeats, Runnable work) {
        once(work);
        double[] seconds = IntStream.range(0, repeats)
                .mapToDouble(i -> once(work))
                .sorted()
                .toArray();
        return (seconds[(repeats - 1) / 2] + seconds[repeats / 2]) / 2;
    }

    /** As {@link #median}, of work that may be shorter than the clock's jitter. */
    static double medianOfShort(int repeats, Runnable work) {
        int calls = (int) Math.max(1, Math.min(1000, SHORT_SECONDS / Math.max(1e-9, once(work))));
        Runnable many = () -> IntStream.range(0, calls).forEach(i -> Scope.run(work));
        return median(repeats, many) / calls;
    }
}
