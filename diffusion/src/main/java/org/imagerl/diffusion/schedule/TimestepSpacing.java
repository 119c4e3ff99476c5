package org.imagerl.diffusion.schedule;

import java.util.Locale;

/**
 * Which of the T training timesteps a run of N steps visits, after table 2 of S. Lin et al., "Common Diffusion Noise
 * Schedules and Sample Steps are Flawed", 2023, arXiv 2305.08891; rounding as diffusers' {@code DDIMScheduler} does it.
 */
public enum TimestepSpacing {
    /** Multiples of floor(T / N), plus the steps offset: never begins at the noisiest timestep. */
    LEADING,
    /** Evenly from 0 to T - 1, both included. */
    LINSPACE,
    /** From T - 1 downwards in steps of T / N. */
    TRAILING;

    /** The name in {@code scheduler_config.json}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The timesteps in the order of sampling, noisiest first.
     *
     * @param trainTimesteps T
     * @param steps N, 1 to T
     * @param stepsOffset added to every timestep of {@code LEADING}
     * @return [steps], descending; with an offset the first may be T or more, which the caller must refuse
     */
    int[] timesteps(int trainTimesteps, int steps, int stepsOffset) {
        int[] timesteps = new int[steps];
        for (int i = 0; i < steps; i++) {
            timesteps[i] = switch (this) {
                case LEADING -> (steps - 1 - i) * (trainTimesteps / steps) + stepsOffset;
                case LINSPACE -> linspace(trainTimesteps, steps, steps - 1 - i);
                case TRAILING -> trailing(trainTimesteps, steps, i);
            };
        }
        return timesteps;
    }

    /**
     * As {@code numpy.round(numpy.arange(T, 0, -T / N))[index] - 1}: arange rounds its stride first, and rint takes halves to
     * even. (For some N, 61 of 1000 the first, arange makes an N+1st timestep of -1 by mistake; that is not followed.)
     */
    private static int trailing(int trainTimesteps, int steps, int index) {
        double stride = (trainTimesteps - (double) trainTimesteps / steps) - trainTimesteps;
        return (int) Math.rint(trainTimesteps + index * stride) - 1;
    }

    private static int linspace(int trainTimesteps, int steps, int index) {
        if (steps == 1) {
            return 0;
        }
        return index == steps - 1
                ? trainTimesteps - 1
                : (int) Math.rint(index * ((trainTimesteps - 1.0) / (steps - 1)));
    }
}
