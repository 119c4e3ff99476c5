package org.imagerl.flow.dynamics;

import java.util.Locale;
import org.imagerl.flow.schedule.FlowSchedule;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.UserException;

/** The schedules that flow dynamics step through. */
final class FlowSchedules {
    private FlowSchedules() {}

    /** @throws UserException if it is of another family */
    static FlowSchedule require(String dynamics, Schedule schedule) {
        if (schedule instanceof FlowSchedule flow) {
            return flow;
        }
        throw UserException.input("the dynamics " + dynamics
                + " step through the schedule of a flow-matching checkpoint; this one is " + schedule.description()
                + ": use ddim, euler, dpmpp-2m, unipc or ode");
    }

    /**
     * Rollouts begin with pure noise, which is time 1; and the noise of Flow-SDE grows without bound just beneath 1, where only the exact 1 is
     * handled.
     *
     * @throws UserException if the grid begins elsewhere
     */
    static void requireStart(double[] times) {
        if (times[0] != 1) {
            throw UserException.input(String.format(
                    Locale.ROOT,
                    "the time grid starts at %s, but sampling begins with pure noise, which is time 1: correct the"
                            + " checkpoint's scheduler_config.json",
                    times[0]));
        }
    }
}
