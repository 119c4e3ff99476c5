package org.imagerl.diffusion.ddim;

import org.imagerl.diffusion.schedule.NoiseLevel;
import org.imagerl.diffusion.schedule.NoiseSchedule;
import org.imagerl.diffusion.schedule.PredictionType;
import org.imagerl.diffusion.schedule.SchedulerConfig;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.UserException;

/**
 * The schedule of a diffusion checkpoint: variance-preserving, in discrete training timesteps.
 *
 * @param config as the checkpoint's scheduler folder says
 * @param noise the noise levels it describes
 */
public record DiffusionSchedule(SchedulerConfig config, NoiseSchedule noise) implements Schedule {

    /** Computes the noise levels. */
    public static DiffusionSchedule of(SchedulerConfig config) {
        return new DiffusionSchedule(config, NoiseSchedule.of(config));
    }

    /**
     * The schedules that the dynamics of this module step through.
     *
     * @param dynamics their name
     * @throws UserException if it is of another family
     */
    public static DiffusionSchedule require(String dynamics, Schedule schedule) {
        if (schedule instanceof DiffusionSchedule diffusion) {
            return diffusion;
        }
        throw UserException.input("the dynamics " + dynamics
                + " step through the schedule of a diffusion checkpoint; this one is " + schedule.description()
                + ": use flow-euler, flow-heun or ode");
    }

    @Override
    public String description() {
        return "diffusion (" + config.betaSchedule().key() + " betas, "
                + config.predictionType().key() + ")";
    }

    @Override
    public double nearest(double timestep) {
        return Math.rint(timestep);
    }

    @Override
    public AlphaSigma at(double timestep) {
        NoiseLevel level = noise.at((int) nearest(timestep));
        PredictionType.Target target = config.predictionType().target(level);
        return new AlphaSigma(level.alpha(), level.sigma(), target.onX0(), target.onEps());
    }

    /** The nearest of the training timesteps. */
    @Override
    public double timestep(double position) {
        return Math.rint(position * (noise.timesteps() - 1));
    }

    /** DDIM with eta 0, which is Euler's method on the checkpoint's flow in {@code x / (alpha + sigma)}. */
    @Override
    public TransitionKernel ode(int steps) {
        return new DdimDynamics(new DdimDynamics.Config(0)).kernel(this, steps);
    }
}
