package org.imagerl.toolkit.sampling;

import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.imagerl.spi.TransitionKernel;

/**
 * How far the rollouts of the EMA weights are led towards the live ones, after policy-guided diffusion (Jackson,
 * Matthews, Lu, Ellis, Whiteson, Foerster, Policy-Guided Diffusion, 2024, arXiv 2404.06356, as in the published code):
 * with N steps, at step i
 *
 * <pre>
 * lam_i = c (1 - i / N + 0.3 sin(pi (i + 1) / N)),   0 at the last step
 * o = o_ema + lam_i (o_live - o_ema)
 * </pre>
 *
 * <p>The paper moves the actions of trajectories, which a model of stored data makes, along the normalised gradient of
 * a target policy's log-density. Here the behaviour policy is that of the EMA weights, the target is the live one, and
 * the difference of the outputs of their denoisers stands for the gradient, not normalised: 1 is the target itself.
 * What the paper claims for stored data says nothing about images.
 *
 * @param coefficient c, at least 0; the published default 0 is no guidance
 */
public record PolicyGuidance(double coefficient) {
    /** Of the hump in the middle of the way, as published. */
    private static final double HUMP = 0.3;

    /** Checks the range. */
    public PolicyGuidance {
        if (!(coefficient >= 0 && Double.isFinite(coefficient))) {
            throw new IllegalArgumentException("the coefficient of policy guidance is at least 0, not " + coefficient);
        }
    }

    /** lam of a step. */
    public double at(int step, int steps) {
        return step == steps - 1
                ? 0
                : coefficient * (1 - (double) step / steps + HUMP * Math.sin(Math.PI * (step + 1) / steps));
    }

    /** Calls of the denoiser beside one for each of a number of steps. */
    public int furtherCalls(int steps) {
        return (int)
                IntStream.range(0, steps).filter(step -> at(step, steps) != 0).count();
    }

    /** The share of the EMA weights at a time, 1 - lam, in the denoiser's unit: that of the last step that begins no later than there. */
    DoubleUnaryOperator shares(TransitionKernel kernel) {
        return time -> {
            int step = 0;
            while (step + 1 < kernel.steps() && kernel.timestep(step + 1) >= time) {
                step++;
            }
            return 1 - at(step, kernel.steps());
        };
    }
}
