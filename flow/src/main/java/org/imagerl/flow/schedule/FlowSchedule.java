package org.imagerl.flow.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.UserException;

/**
 * The schedule of a flow-matching checkpoint for images of one size: {@code x_t = (1 - t) x0 + t eps}, the denoiser predicts the velocity
 * {@code eps - x0} and is conditioned on t T.
 *
 * @param config as the checkpoint's scheduler folder says
 * @param shift resolved for the size
 * @param end where grids end
 */
public record FlowSchedule(FlowSchedulerConfig config, TimeShift shift, GridEnd end) implements Schedule {

    /**
     * Resolves the shift.
     *
     * @param tokens of the image, the length of the transformer's image sequence: a dynamic shift depends on it
     */
    public static FlowSchedule of(FlowSchedulerConfig config, int tokens, GridEnd end) {
        TimeShift shift =
                config.dynamic().map(dynamic -> dynamic.at(tokens)).orElseGet(() -> new TimeShift(config.shift()));
        return new FlowSchedule(config, shift, end);
    }

    @Override
    public String description() {
        return String.format(Locale.ROOT, "flow matching (time shift %.4g)", shift.factor());
    }

    @Override
    public AlphaSigma at(double timestep) {
        double t = timestep / config.trainTimesteps();
        return new AlphaSigma(1 - t, t, -1, 1);
    }

    @Override
    public double timestep(double position) {
        return shift.of(position) * config.trainTimesteps();
    }

    /** Rounds the steps that are left out, not those that are made. */
    @Override
    public int begin(int steps, double strength) {
        return (int) (steps - Math.min(steps * strength, steps));
    }

    /** Euler's method on the flow {@code dx = v dt}: {@code x' = x - (t - t') v}. */
    @Override
    public TransitionKernel ode(int steps) {
        double[] times = times(steps);
        List<FlowStep> made = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            made.add(FlowStep.euler(times[i], times[i + 1]));
        }
        return new FlowTransitionKernel(this, made);
    }

    /**
     * The times of a run of N steps, as diffusers' scheduler lays them out.
     *
     * @param steps N, 1 to T
     * @return [N + 1], from 1 (noise) down to 0
     * @throws UserException when there are more steps than timesteps
     */
    public double[] times(int steps) {
        if (steps < 1 || steps > config.trainTimesteps()) {
            throw UserException.input("sampling steps: " + steps + "; expected 1 to " + config.trainTimesteps()
                    + ", the timesteps that the model was trained on");
        }
        double last = lastBeforeShift(steps);
        double[] times = new double[steps + 1];
        for (int i = 0; i < steps; i++) {
            double even = steps == 1 ? 1 : 1 + (last - 1) * i / (steps - 1);
            times[i] = shift.of(even);
        }
        config.terminal().ifPresent(terminal -> stretch(times, terminal));
        return times;
    }

    private double lastBeforeShift(int steps) {
        double trained = 1.0 / config.trainTimesteps();
        return switch (end) {
            case ONE_STEP -> 1.0 / steps;
            case TRAINED -> config.dynamic().isPresent() ? trained : shift.of(trained);
        };
    }

    /** Scales the distances from 1 so that the last time before 0 is the wanted one. */
    private static void stretch(double[] times, double terminal) {
        double scale = (1 - terminal) / (1 - times[times.length - 2]);
        for (int i = 1; i < times.length - 1; i++) {
            times[i] = 1 - (1 - times[i]) * scale;
        }
    }
}
