package org.imagerl.flow.matching;

import org.imagerl.spi.Schedule;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.UserException;

/** The times at which finished images are made noisy again. All kinds are stratified: draw i of n comes from the i-th of n parts. */
public sealed interface Times {

    /**
     * A time in the denoiser's unit.
     *
     * @param kernel the sampler that made the images
     * @param schedule of the model
     * @param draw 0 to {@code draws - 1}
     * @param u uniform in [0, 1): where in the part of the draw
     */
    double timestep(TransitionKernel kernel, Schedule schedule, int draw, int draws, double u);

    /** @throws UserException if samplers of so many steps have no such times */
    default void check(int steps) {}

    /**
     * Times of the sampler, from noise to image: {@code discrete} of the published code, with the parts' edges rounded down as there.
     *
     * @param skip steps left out at the noisy end; 1 leaves out pure noise
     * @param fraction of the steps up to which times are taken, rounded down
     */
    record Discrete(int skip, double fraction) implements Times {
        /** Checks the ranges. */
        public Discrete {
            if (skip < 0) {
                throw new IllegalArgumentException("skip must be at least 0");
            }
            if (!(fraction > 0 && fraction <= 1)) {
                throw new IllegalArgumentException("fraction must be above 0 and at most 1");
            }
        }

        @Override
        public double timestep(TransitionKernel kernel, Schedule schedule, int draw, int draws, double u) {
            int low = edge(kernel.steps(), draw, draws);
            int high = edge(kernel.steps(), draw + 1, draws);
            return kernel.timestep(low + (int) (u * (high - low)));
        }

        private int edge(int steps, int part, int draws) {
            return (int) (skip + (double) (end(steps) - skip) * part / draws);
        }

        private int end(int steps) {
            return (int) (steps * fraction);
        }

        @Override
        public void check(int steps) {
            if (end(steps) <= skip) {
                throw UserException.input("times: of the sampler's " + steps + " steps none is left after skipping "
                        + skip + " and keeping a fraction of " + fraction
                        + "; use more steps, another fraction, or type: uniform");
            }
        }
    }

    /**
     * Even over positions of the schedule: 0 is the cleanest that was trained, 1 pure noise.
     *
     * @param from position, 0 to 1
     * @param to position, above {@code from}
     */
    record Uniform(double from, double to) implements Times {
        /** Checks the ranges. */
        public Uniform {
            requireRange(from, to);
        }

        @Override
        public double timestep(TransitionKernel kernel, Schedule schedule, int draw, int draws, double u) {
            return schedule.timestep(from + (to - from) * (draw + u) / draws);
        }
    }

    /**
     * Most in the middle (Esser et al., Scaling Rectified Flow Transformers, 2024, arXiv 2403.03206, section 3.1): the position is the logistic function of
     * a normal number.
     *
     * @param mean of the normal number: above 0 is noisier
     * @param std of the normal number, above 0
     * @param from positions below are moved to it, 0 to 1
     * @param to positions above are moved to it, above {@code from}
     */
    record LogitNormal(double mean, double std, double from, double to) implements Times {
        /** Checks the ranges. */
        public LogitNormal {
            if (!(std > 0)) {
                throw new IllegalArgumentException("std must be above 0");
            }
            requireRange(from, to);
        }

        @Override
        public double timestep(TransitionKernel kernel, Schedule schedule, int draw, int draws, double u) {
            double normal = mean + std * NormalQuantile.of((draw + u) / draws);
            double position = 1 / (1 + Math.exp(-normal));
            return schedule.timestep(Math.max(from, Math.min(to, position)));
        }
    }

    private static void requireRange(double from, double to) {
        if (!(from >= 0 && to <= 1 && from < to)) {
            throw new IllegalArgumentException("from and to must be positions with 0 <= from < to <= 1");
        }
    }
}
