package org.imagerl.toolkit.path;

import org.imagerl.toolkit.random.RandomStreams;

/**
 * The calls of the denoiser through which gradients flow. Where a step is truncated, the denoiser's output is a constant, and the gradient
 * passes linearly from one state to the next: what came before still has a gradient, of less variance and biased. What is drawn is drawn for
 * every sample by itself; the published codes draw for a batch.
 */
public sealed interface Truncation {

    /**
     * Whether a step of a sample keeps its gradient.
     *
     * @param step from 0
     * @param steps calls of the denoiser up to the images that are scored
     */
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
     * As CTRL's and AlignProp's published code: for every step i a fresh k is drawn from 0..T, and the step is truncated if i is below k, so that
     * it is kept with probability (i + 1) / (T + 1), late steps more often.
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

    /**
     * The last k steps are kept, with one k from 1..T for all steps of a sample (Prabhudesai, Goyal, Pathak, Fragkiadaki, Aligning Text-to-Image
     * Diffusion Models with Reward Backpropagation, 2023, arXiv 2310.03739, AlignProp, as its text has it; the published code is {@link Fresh}).
     */
    record Random() implements Truncation {
        @Override
        public boolean keeps(int step, int steps, RandomStreams random, long sample) {
            return step >= steps - 1 - random.stream("truncation depth", sample).nextInt(steps);
        }

        @Override
        public double probability(int step, int steps) {
            return (step + 1.0) / steps;
        }
    }

    /**
     * K steps at equal distances are kept, the last of them drawn (Wu et al., Deep Reward Supervisions for Tuning Text-to-Image Diffusion Models,
     * 2024, arXiv 2405.00760, DRTune). The distance is d = floor(T / K), the last one is among the last d, each as likely as another.
     *
     * @param steps K, at least 1; more than there are is all
     */
    record Spaced(int steps) implements Truncation {
        /** Checks the range. */
        public Spaced {
            if (steps < 1) {
                throw new IllegalArgumentException("steps must be at least 1");
            }
        }

        private int distance(int all) {
            return Math.max(1, all / steps);
        }

        @Override
        public boolean keeps(int step, int all, RandomStreams random, long sample) {
            int distance = distance(all);
            int back =
                    all - 1 - step - random.stream("truncation offset", sample).nextInt(distance);
            return back >= 0 && back % distance == 0 && back / distance < steps;
        }

        @Override
        public double probability(int step, int all) {
            int distance = distance(all);
            return step >= all - distance * steps ? 1.0 / distance : 0;
        }
    }
}
