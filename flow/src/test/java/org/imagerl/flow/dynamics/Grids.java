package org.imagerl.flow.dynamics;

import java.util.List;
import java.util.Optional;
import org.imagerl.flow.schedule.FlowSchedule;
import org.imagerl.flow.schedule.FlowSchedulerConfig;
import org.imagerl.flow.schedule.GridEnd;

/** Schedules for tests. */
final class Grids {
    private Grids() {}

    /** That of SD3: shift 3. */
    static FlowSchedule schedule(GridEnd end) {
        return FlowSchedule.of(new FlowSchedulerConfig(1000, 3, Optional.empty(), Optional.empty(), List.of()), 1, end);
    }

    /** Its times, with the shift applied twice at the low end. */
    static double[] sd3(int steps) {
        return schedule(GridEnd.TRAINED).times(steps);
    }

    /** Even times, shifted once. */
    static double[] shifted(int steps) {
        double[] times = new double[steps + 1];
        for (int i = 0; i <= steps; i++) {
            times[i] = schedule(GridEnd.ONE_STEP).shift().of(1 - (double) i / steps);
        }
        return times;
    }
}
