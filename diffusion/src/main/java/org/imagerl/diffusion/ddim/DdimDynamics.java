package org.imagerl.diffusion.ddim;

import java.util.stream.IntStream;
import org.imagerl.diffusion.ddim.DdimTransitionKernel.Stage;
import org.imagerl.diffusion.schedule.DdimGrid;
import org.imagerl.diffusion.schedule.DdimStep;
import org.imagerl.diffusion.schedule.LastStep;
import org.imagerl.diffusion.schedule.SchedulerConfig;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.TransitionKernel;

/**
 * DDIM (Song, Meng, Ermon, Denoising Diffusion Implicit Models, 2020, arXiv 2010.02502, eq. 12 and 16). With {@code eta} above 0 the
 * last step ends at timestep 0, as in ddpo-pytorch, so that it has a density whatever the checkpoint's {@code set_alpha_to_one}; with
 * eta 0 it ends where diffusers' scheduler ends. For Stable Diffusion's checkpoints the two are the same.
 */
public final class DdimDynamics implements Dynamics {

    /** @param eta share of the posterior noise that a step adds: 0 is deterministic, 1 as noisy as DDPM */
    public record Config(double eta) {
        /** Checks the range. */
        public Config {
            if (!(eta >= 0 && eta <= 1)) {
                throw new IllegalArgumentException("eta must be from 0 (deterministic) to 1 (as noisy as DDPM)");
            }
        }
    }

    private final Config config;

    public DdimDynamics(Config config) {
        this.config = config;
    }

    @Override
    public boolean stochastic() {
        return config.eta > 0;
    }

    @Override
    public TransitionKernel kernel(Schedule schedule, int steps) {
        DiffusionSchedule diffusion = DiffusionSchedule.require("ddim", schedule);
        LastStep last = stochastic() ? LastStep.TIMESTEP_ZERO : LastStep.SCHEDULE_END;
        DdimGrid grid = DdimGrid.of(diffusion.config(), diffusion.noise(), steps, last);
        return new DdimTransitionKernel(
                IntStream.range(0, steps)
                        .mapToObj(step -> stage(grid, step, diffusion.config()))
                        .toList(),
                1);
    }

    /** Every step goes down by as many training timesteps. */
    private Stage stage(DdimGrid grid, int step, SchedulerConfig scheduler) {
        double size = (double) (grid.timestep(step) - grid.previousTimestep(step)) / scheduler.trainTimesteps();
        return new Stage(grid.timestep(step), size, grid.from(step), DdimStep.of(grid, step, scheduler, config.eta));
    }
}
