package org.imagerl.tests.contracts;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.imagerl.config.registry.Kind;
import org.imagerl.diffusion.ddim.DiffusionSchedule;
import org.imagerl.diffusion.schedule.SchedulerConfig;
import org.imagerl.flow.schedule.FlowSchedule;
import org.imagerl.flow.schedule.FlowSchedulerConfig;
import org.imagerl.flow.schedule.GridEnd;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.DynamicsContract;
import org.imagerl.tests.Paths;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** All dynamics keep their contract, on the schedule of each family that they step through. */
@ParameterizedClass
@MethodSource("all")
class EveryDynamicsTest extends DynamicsContract {
    @Parameter(0)
    Supplier<Dynamics> maker;

    @Parameter(1)
    Schedule schedule;

    static List<Arguments> all() {
        List<Arguments> all = new ArrayList<>();
        for (Named<Supplier<Dynamics>> dynamics : Parts.all(Kind.DYNAMICS)) {
            int before = all.size();
            for (Named<Schedule> schedule : List.of(diffusion(), flow())) {
                if (fits(dynamics.getPayload().get(), schedule.getPayload())) {
                    all.add(Arguments.of(dynamics, schedule));
                }
            }
            if (all.size() == before) {
                throw new AssertionError(dynamics.getName() + " steps through no schedule of these tests");
            }
        }
        return all;
    }

    private static boolean fits(Dynamics dynamics, Schedule schedule) {
        try {
            dynamics.kernel(schedule, 4);
            return true;
        } catch (UserException e) {
            return false;
        }
    }

    private static Named<Schedule> diffusion() {
        Path file = Paths.tinyCheckpoint().resolve("scheduler").resolve("scheduler_config.json");
        return Named.of("diffusion", DiffusionSchedule.of(SchedulerConfig.read(file)));
    }

    /** That of SD3. */
    private static Named<Schedule> flow() {
        FlowSchedulerConfig sd3 = new FlowSchedulerConfig(1000, 3, Optional.empty(), Optional.empty(), List.of());
        return Named.of("flow", FlowSchedule.of(sd3, 1, GridEnd.TRAINED));
    }

    @Override
    protected Dynamics create() {
        return maker.get();
    }

    @Override
    protected Schedule schedule() {
        return schedule;
    }
}
