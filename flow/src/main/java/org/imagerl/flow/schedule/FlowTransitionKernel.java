package org.imagerl.flow.schedule;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.imagerl.spi.Mixture;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.toolkit.tensor.Kernels;

/** {@link FlowStep}s over tensors: the coefficients in double, the mean in the dtype of the latents. */
public final class FlowTransitionKernel implements TransitionKernel {
    private final List<FlowStep> steps;
    private final int trainTimesteps;

    /** Lays the steps out in the unit of a schedule. */
    public FlowTransitionKernel(FlowSchedule schedule, List<FlowStep> steps) {
        this.steps = List.copyOf(steps);
        this.trainTimesteps = schedule.config().trainTimesteps();
    }

    @Override
    public int steps() {
        return steps.size();
    }

    @Override
    public double timestep(int step) {
        return steps.get(step).time() * trainTimesteps;
    }

    @Override
    public Mixture mixture(int step) {
        double time = steps.get(step).time();
        return new Mixture(1 - time, time);
    }

    @Override
    public double std(int step) {
        return steps.get(step).std();
    }

    @Override
    public double meanPerOutput(int step) {
        return steps.get(step).onOutput();
    }

    @Override
    public double stepSize(int step) {
        return steps.get(step).size();
    }

    @Override
    public double ratioNormFactor(int step) {
        return steps.get(step).ratioNormFactor();
    }

    @Override
    public NDArray clean(int step, NDArray latents, NDArray output) {
        return Kernels.combine(latents, 1, output, -steps.get(step).time());
    }

    @Override
    public NDArray mean(int step, NDArray latents, NDArray output) {
        FlowStep s = steps.get(step);
        return Kernels.combine(latents, s.onLatent(), output, s.onOutput());
    }
}
