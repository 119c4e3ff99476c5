package org.imagerl.diffusion.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;
import org.imagerl.toolkit.tensor.Scope;

/** Wall-clock time of work that is done several times. */
final class Timing {
    private static final double SHORT_SECONDS = 0.05;

    private Timing() {}

    /**
     * Two measurements taken in turn, so that what else the machine does falls on both.
     *
     * @param measured median seconds of the one
     * @param yardstick median seconds of the other
     * @param ratio median over the turns of measured / yardstick
     */
    record Comparison(double measured, double yardstick, double ratio) {}

    /** Seconds of one run. */
    static double once(Runnable work) {
        long start = System.nanoTime();
        Scope.run(work);
        return (System.nanoTime() - start) / 1e9;
    }

    /** Seconds of one run of work that may be shorter than the clock's jitter; runs it more often. */
    static double onceOfShort(Runnable work) {
        int calls = (int) Math.max(1, Math.min(1000, SHORT_SECONDS / Math.max(1e-9, once(work))));
        return once(() -> IntStream.range(0, calls).forEach(i -> Scope.run(work))) / calls;
    }

    /** Median seconds of some runs, after one that does not count. */
    static double median(int repeats, Runnable work) {
        once(work);
        return median(IntStream.range(0, repeats).mapToObj(i -> once(work)).toList());
    }

    /** Takes two times in turn, after a turn that does not count. */
    static Comparison compare(int repeats, DoubleSupplier measured, DoubleSupplier yardstick) {
        List<Double> first = new ArrayList<>();
        List<Double> second = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        for (int turn = 0; turn <= repeats; turn++) {
            double a = measured.getAsDouble();
            double b = yardstick.getAsDouble();
            if (turn > 0) {
                first.add(a);
                second.add(b);
                ratios.add(a / b);
            }
        }
        return new Comparison(median(first), median(second), median(ratios));
    }

    /** The median; NaN of nothing. */
    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int size = sorted.size();
        return size == 0 ? Double.NaN : (sorted.get((size - 1) / 2) + sorted.get(size / 2)) / 2;
    }
}
