package org.imagerl.flow.dynamics;

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
                + ": use ddim or ode");
    }
}
