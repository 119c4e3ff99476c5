package org.imagerl.diffusion.ddim;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.diffusion.schedule.DdimGrid;
import org.imagerl.diffusion.schedule.DdimStep;
import org.imagerl.diffusion.schedule.SchedulerConfig;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.toolkit.tensor.Kernels;

/** {@link DdimStep}s over tensors: the coefficients in double, the mean in the dtype of the latents. */
final class DdimTransitionKernel implements TransitionKernel {
    private final DdimGrid grid;
    private final int trainTimesteps;
    private final List<DdimStep> steps = new ArrayList<>();

    DdimTransitionKernel(DdimGrid grid, SchedulerConfig config, double eta) {
        this.grid = grid;
        this.trainTimesteps = config.trainTimesteps();
        for (int i = 0; i < grid.steps(); i++) {
            steps.add(DdimStep.of(grid, i, config, eta));
        }
    }

    @Override
    public int steps() {
        return steps.size();
    }

    @Override
    public double timestep(int step) {
        return grid.timestep(step);
    }

    @Override
    public double std(int step) {
        return steps.get(step).std();
    }

    @Override
    public double meanPerOutput(int step) {
        return steps.get(step).meanFromOutput();
    }

    /** Every step goes down by as many training timesteps, in fractions of all. */
    @Override
    public double stepSize(int step) {
        return (double) (grid.timestep(step) - grid.previousTimestep(step)) / trainTimesteps;
    }

    @Override
    public boolean clips() {
        return steps.get(0).clipRange().isPresent();
    }

    @Override
    public NDArray mean(int step, NDArray latents, NDArray output) {
        DdimStep s = steps.get(step);
        if (s.clipRange().isEmpty()) {
            return Kernels.combine(latents, s.meanFromSample(), output, s.meanFromOutput());
        }
        double range = s.clipRange().get();
        NDArray free = Kernels.combine(
                latents, s.prediction().x0FromSample(), output, s.prediction().x0FromOutput());
        NDArray eps = Kernels.combine(
                latents, s.prediction().epsFromSample(), output, s.prediction().epsFromOutput());
        return Kernels.combine(Kernels.clamp(free, -range, range), s.onX0(), eps, s.onEps());
    }
}
