package org.imagerl.flow.dynamics;

import java.util.SplittableRandom;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * The steps that add noise, and that are stored and trained; the others follow the ODE. Flow-GRPO-Fast (the published code of Liu et al.,
 * Flow-GRPO, 2025, arXiv 2505.05470) draws a window, MixGRPO (Li et al., 2025, arXiv 2507.21802) slides one.
 */
public sealed interface Window {

    /**
     * Steps of a chain.
     *
     * @param from the first one, from 0
     * @param to one beyond the last
     */
    record Range(int from, int to) {
        /** Whether a step is one of them. */
        boolean contains(int step) {
            return from <= step && step < to;
        }
    }

    /**
     * The window of an epoch.
     *
     * @param steps of the chain
     * @param available how many of them, from the first, may add noise
     * @param epoch from 0
     * @param seed of the epoch's random stream
     * @throws UserException if it does not fit
     */
    Range at(int steps, int available, long epoch, long seed);

    /** Every step that may. */
    record All() implements Window {
        @Override
        public Range at(int steps, int available, long epoch, long seed) {
            return fitting(0, available, available);
        }
    }

    /**
     * Always the same steps.
     *
     * @param from the first one, from 0
     * @param size how many
     */
    record Fixed(int from, int size) implements Window {
        /** Checks the ranges. */
        public Fixed {
            requireSize(size);
            requireStart(from);
        }

        @Override
        public Range at(int steps, int available, long epoch, long seed) {
            return fitting(from, from + size, available);
        }
    }

    /**
     * Drawn anew for every epoch, all places equally likely.
     *
     * @param from the first step that can be in it, from 0
     * @param to one beyond the last that can be in it; if absent half of the steps, as Flow-GRPO-Fast, or as many as the window needs
     * @param size how many
     */
    record Random(int from, @Nullable Integer to, int size) implements Window {
        /** Checks the ranges. */
        public Random {
            requireSize(size);
            requireStart(from);
            if (to != null && to < from + size) {
                throw new IllegalArgumentException(
                        "to must leave room for the size: at least from + size = " + (from + size));
            }
        }

        @Override
        public Range at(int steps, int available, long epoch, long seed) {
            int end = to == null ? Math.max(from + size, steps / 2) : to;
            fitting(from, end, available);
            int start = from + new SplittableRandom(seed).nextInt(end - size - from + 1);
            return new Range(start, start + size);
        }
    }

    /**
     * Moves from noise to image and begins again when it has come to the end.
     *
     * @param size how many
     * @param stride steps by which it moves
     * @param every epochs between two moves
     */
    record Sliding(int size, int stride, int every) implements Window {
        /** Checks the ranges. */
        public Sliding {
            requireSize(size);
            if (stride < 1 || every < 1) {
                throw new IllegalArgumentException("stride and every must be at least 1");
            }
        }

        @Override
        public Range at(int steps, int available, long epoch, long seed) {
            fitting(0, size, available);
            int places = (available - size) / stride + 1;
            int start = (int) (epoch / every % places) * stride;
            return new Range(start, start + size);
        }
    }

    private static void requireSize(int size) {
        if (size < 1) {
            throw new IllegalArgumentException("size must be at least 1");
        }
    }

    private static void requireStart(int from) {
        if (from < 0) {
            throw new IllegalArgumentException("from must be at least 0, the step from pure noise");
        }
    }

    private static Range fitting(int from, int to, int available) {
        if (available < 1) {
            throw UserException.input(
                    "there is no step that could add noise: the last one does not unless noisy_last_step"
                            + " says so; use at least 2 steps");
        }
        if (to > available) {
            throw UserException.input("the window's steps " + from + " to " + (to - 1)
                    + " lie outside the grid, whose noisy" + " steps are 0 to " + (available - 1)
                    + " (the last step adds none unless noisy_last_step says so)");
        }
        return new Range(from, to);
    }
}
