package org.imagerl.flow.dynamics;

import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.TransitionKernel;

/** Euler's method on the flow, as diffusers' {@code FlowMatchEulerDiscreteScheduler}: the checkpoint's own way without noise. */
public final class FlowEuler implements Dynamics {

    @Override
    public boolean stochastic() {
        return false;
    }

    @Override
    public TransitionKernel kernel(Schedule schedule, int steps) {
        return FlowSchedules.require("flow-euler", schedule).ode(steps);
    }
}
