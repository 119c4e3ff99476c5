package org.imagerl.ctrl.path;

import org.imagerl.toolkit.random.RandomStreams;

/**
 * The calls of the denoiser through which gradients flow. Where a step is truncated, the denoiser's output is a constant, and the gradient
 * passes linearly from one state to the next: what came before still has a gradient, of less variance and biased.
 */
public sealed interface Truncation {

    /** Whether a step of a sample keeps its gradient. */
    boolean keeps(int step, int steps, RandomStreams random, long sample);

    /** The probability that the step keeps its gradient. */
    double probability(int step, int steps);

    /** Nothing is truncated: the gradient of the whole path, without bias. */
    record None() implements Truncation {
        @Override
        public boolean keeps(int step, int steps, RandomStreams random, long sample) {
            return true;
        }

        @Override
        public double probability(int step, int steps) {
            return 1;
        }
    }

    /**
     * As CTRL's published code: for every step i a fresh k is drawn from 0..T, and the step is truncated if i is below k, so that it is kept
     * with probability (i + 1) / (T + 1), late steps more often. Here this is drawn for every sample.
     */
    record Fresh() implements Truncation {
        @Override
        public boolean keeps(int step, int steps, RandomStreams random, long sample) {
            return random.stream("truncation", sample, step).nextInt(steps + 1) <= step;
        }

        @Override
        public double probability(int step, int steps) {
            return (step + 1.0) / (steps + 1.0);
        }
    }

    /**
     * The last steps are kept (Clark, Vicol, Swersky, Fleet, Directly Fine-Tuning Diffusion Models on Differentiable Rewards, 2023, arXiv
     * 2309.17400, DRaFT-K).
     *
     * @param steps K, at least 1; more than there are is all
     */
    record Last(int steps) implements Truncation {
        /** Checks the range. */
        public Last {
            if (steps < 1) {
                throw new IllegalArgumentException("steps must be at least 1");
            }
        }

        @Override
        public boolean keeps(int step, int all, RandomStreams random, long sample) {
            return step >= all - steps;
        }

        @Override
        public double probability(int step, int all) {
            return step >= all - steps ? 1 : 0;
        }
    }
}
