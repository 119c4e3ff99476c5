package org.imagerl.flow.dynamics;

import java.util.ArrayList;
import java.util.List;
import org.imagerl.diffusion.ddim.DdimDynamics;
import org.imagerl.diffusion.ddim.DiffusionSchedule;
import org.imagerl.flow.schedule.FlowSchedule;
import org.imagerl.spi.Chain;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Schedule;

/**
 * Without noise: Euler's method on the flow {@code dx = v dt}, {@code x' = x - (t - t') v}. For diffusion checkpoints it is DDIM with eta 0, which
 * is Euler's method on their flow in {@code x / (alpha + sigma)}.
 */
public final class OdeDynamics implements Dynamics {

    @Override
    public boolean stochastic() {
        return false;
    }

    @Override
    public Chain chain(Schedule schedule, int steps) {
        if (schedule instanceof DiffusionSchedule) {
            return new DdimDynamics(new DdimDynamics.Config(0)).chain(schedule, steps);
        }
        FlowSchedule flow = FlowSchedules.require("ode", schedule);
        double[] times = flow.times(steps);
        List<FlowStep> made = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            made.add(FlowStep.euler(times[i], times[i + 1]));
        }
        return new FlowChain(flow, made);
    }
}
