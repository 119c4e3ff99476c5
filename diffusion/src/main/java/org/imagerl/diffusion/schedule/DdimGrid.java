package org.imagerl.diffusion.schedule;

import org.imagerl.spi.UserException;

/**
 * The timesteps of one run of DDIM and the noise levels at both ends of every step.
 *
 * <p>As in diffusers a step from timestep t always ends at {@code t - floor(T / N)}. With leading spacing that is the next
 * timestep of the grid. With the other spacings it can be a timestep beside it: off by one where N does not divide T, and
 * far off with linspace and few steps. That is how published samples are made, so it is kept.
 */
public final class DdimGrid {
    private final NoiseSchedule schedule;
    private final int[] timesteps;
    private final LastStep lastStep;

    private DdimGrid(NoiseSchedule schedule, int[] timesteps, LastStep lastStep) {
        this.schedule = schedule;
        this.timesteps = timesteps;
        this.lastStep = lastStep;
    }

    /**
     * The grid of a run.
     *
     * @param config spacing and offset
     * @param schedule made from {@code config}
     * @param steps N, 1 to T
     * @param lastStep where the last step ends
     * @throws UserException when the number of steps does not fit the schedule
     */
    public static DdimGrid of(SchedulerConfig config, NoiseSchedule schedule, int steps, LastStep lastStep) {
        int count = schedule.timesteps();
        if (steps < 1 || steps > count) {
            throw UserException.input("sampling steps: " + steps + "; expected 1 to " + count
                    + ", the timesteps that the model was trained on");
        }
        int[] timesteps = config.spacing().timesteps(count, steps, config.stepsOffset());
        if (timesteps[0] >= count) {
            throw UserException.input(
                    "sampling steps: " + steps + " with steps_offset " + config.stepsOffset() + " begin at timestep "
                            + timesteps[0] + ", but the last one is " + (count - 1) + "; use fewer steps");
        }
        return new DdimGrid(schedule, timesteps, lastStep);
    }

    /** N, the number of steps. */
    public int steps() {
        return timesteps.length;
    }

    /** The timestep at which step {@code index} (0 is the noisiest) begins, on which the denoiser is conditioned. */
    public int timestep(int index) {
        return timesteps[index];
    }

    /** The timestep at which a step ends; negative: it ends as {@link LastStep} says. */
    public int previousTimestep(int index) {
        return timesteps[index] - schedule.timesteps() / timesteps.length;
    }

    /** The noise level at which a step begins. */
    public NoiseLevel from(int index) {
        return schedule.at(timesteps[index]);
    }

    /** The noise level at which a step ends. */
    public NoiseLevel to(int index) {
        int previous = previousTimestep(index);
        if (previous >= 0) {
            return schedule.at(previous);
        }
        return lastStep == LastStep.SCHEDULE_END ? schedule.end() : schedule.at(0);
    }
}
