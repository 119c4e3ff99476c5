package org.imagerl.flow.dynamics;

import java.util.ArrayList;
import java.util.List;
import org.imagerl.flow.schedule.FlowSchedule;
import org.imagerl.flow.schedule.FlowStep;
import org.imagerl.flow.schedule.FlowTransitionKernel;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.TransitionKernel;

/** Noise inside a {@link Window}, Euler's method on the ODE elsewhere. */
final class SdeDynamics implements Dynamics {
    private final String name;
    private final Rule rule;
    private final boolean stochastic;
    private final Window window;
    private final boolean noisyLastStep;

    /** How a noisy step goes from t to t'. */
    @FunctionalInterface
    interface Rule {
        /** The step; t' below t. */
        FlowStep step(double time, double next);
    }

    SdeDynamics(String name, Rule rule, boolean stochastic, Window window, boolean noisyLastStep) {
        this.name = name;
        this.rule = rule;
        this.stochastic = stochastic;
        this.window = window;
        this.noisyLastStep = noisyLastStep;
    }

    @Override
    public boolean stochastic() {
        return stochastic;
    }

    @Override
    public void check(int steps) {
        window(steps, 0, 0);
    }

    @Override
    public TransitionKernel kernel(Schedule schedule, int steps) {
        return kernel(schedule, steps, 0, 0);
    }

    @Override
    public TransitionKernel kernel(Schedule schedule, int steps, long epoch, long seed) {
        FlowSchedule flow = FlowSchedules.require(name, schedule);
        double[] times = flow.times(steps);
        FlowSchedules.requireStart(times);
        Window.Range noisy = window(steps, epoch, seed);
        List<FlowStep> made = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            double t = times[i];
            double next = times[i + 1];
            made.add(noisy.contains(i) ? rule.step(t, next) : FlowStep.euler(t, next));
        }
        return new FlowTransitionKernel(flow, made);
    }

    private Window.Range window(int steps, long epoch, long seed) {
        return window.at(steps, noisyLastStep ? steps : steps - 1, epoch, seed);
    }
}
