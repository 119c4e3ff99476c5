package org.imagerl.bench.timing;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.imagerl.toolkit.tensor.Scope;

/** The seconds that repeated work takes. */
public final class Timing {
    private static final double SHORT_SECONDS = 0.05;

    private Timing() {}

    /**
     * Two measurements taken in turn, so that other load on the machine affects both.
     *
     * @param measured median seconds of the one, by the clock
     * @param yardstick median seconds of the other, by the clock
     * @param ratio median over the turns of measured / yardstick, by the clock
     * @param processorRatio the same by processor time
     */
    public record Comparison(double measured, double yardstick, double ratio, double processorRatio) {}

    /** Measures one run of work that may be shorter than the clock's jitter: it is run several times. */
    public static Seconds onceOfShort(Runnable work) {
        double first = Seconds.of(work).clock();
        int calls = (int) Math.max(1, Math.min(1000, SHORT_SECONDS / Math.max(1e-9, first)));
        return Seconds.of(() -> IntStream.range(0, calls).forEach(i -> Scope.run(work)))
                .times(1.0 / calls);
    }

    /** Median seconds of some runs by the clock, after one that does not count. */
    public static double median(int repeats, Runnable work) {
        Seconds.of(work);
        return median(IntStream.range(0, repeats)
                .mapToObj(i -> Seconds.of(work).clock())
                .toList());
    }

    /** Takes two times in turn, after a turn that does not count. */
    public static Comparison compare(int repeats, Supplier<Seconds> measured, Supplier<Seconds> yardstick) {
        List<Seconds> first = new ArrayList<>();
        List<Seconds> second = new ArrayList<>();
        for (int turn = 0; turn <= repeats; turn++) {
            Seconds a = measured.get();
            Seconds b = yardstick.get();
            if (turn > 0) {
                first.add(a);
                second.add(b);
            }
        }
        return new Comparison(
                median(first.stream().map(Seconds::clock).toList()),
                median(second.stream().map(Seconds::clock).toList()),
                ratio(first, second, Seconds::clock),
                ratio(first, second, Seconds::processor));
    }

    /**
     * The median of the ratios of measurements in turns, so that what else the machine did at the time falls on both.
     *
     * @param parts one for each turn
     * @param wholes as many
     * @param time which of the two times
     */
    public static double ratio(List<Seconds> parts, List<Seconds> wholes, ToDoubleFunction<Seconds> time) {
        return median(IntStream.range(0, parts.size())
                .mapToObj(i -> time.applyAsDouble(parts.get(i)) / time.applyAsDouble(wholes.get(i)))
                .toList());
    }

    /** The median; NaN of nothing. */
    public static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int size = sorted.size();
        return size == 0 ? Double.NaN : (sorted.get((size - 1) / 2) + sorted.get(size / 2)) / 2;
    }
}
