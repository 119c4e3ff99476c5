package org.imagerl.rewards.work;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What work cost. On a machine that does other things too the clock says little; the processor's time still says which share of the
 * work a part of it is.
 *
 * @param clockSeconds by the clock
 * @param processorSeconds of all threads of this process together, to a hundredth of a second
 */
public record Cost(double clockSeconds, double processorSeconds) {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /** Does the work. */
    public static Cost of(Runnable work) {
        long processor = SYSTEM.getProcessCpuTime();
        long clock = System.nanoTime();
        work.run();
        return new Cost((System.nanoTime() - clock) / 1e9, (SYSTEM.getProcessCpuTime() - processor) / 1e9);
    }

    /**
     * A part as a share of the whole: of measurements in turns the median of the ratios, so that what else the machine did at the time
     * falls on both.
     *
     * @param parts at least one
     * @param wholes as many
     * @param time which of the two times
     */
    public static double share(List<Cost> parts, List<Cost> wholes, ToDoubleFunction<Cost> time) {
        double[] ratios = new double[parts.size()];
        Arrays.setAll(ratios, i -> time.applyAsDouble(parts.get(i)) / time.applyAsDouble(wholes.get(i)));
        Arrays.sort(ratios);
        return ratios[ratios.length / 2];
    }

    /** The shortest by the clock, in seconds: others are longer because something else ran. */
    public static double shortest(List<Cost> costs) {
        return costs.stream().mapToDouble(Cost::clockSeconds).min().orElse(Double.NaN);
    }
}
