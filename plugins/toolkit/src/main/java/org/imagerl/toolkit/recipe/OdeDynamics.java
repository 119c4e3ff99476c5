package org.imagerl.toolkit.recipe;

import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.TransitionKernel;

/** Without noise: the deterministic way that the checkpoint's own schedule gives, {@link Schedule#ode}. */
public final class OdeDynamics implements Dynamics {

    @Override
    public boolean stochastic() {
        return false;
    }

    @Override
    public TransitionKernel kernel(Schedule schedule, int steps) {
        return schedule.ode(steps);
    }
}
