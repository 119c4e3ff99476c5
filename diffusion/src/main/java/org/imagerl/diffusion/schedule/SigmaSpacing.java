package org.imagerl.diffusion.schedule;

import java.util.function.DoubleUnaryOperator;
import org.apache.commons.statistics.distribution.BetaDistribution;
import org.apache.commons.statistics.distribution.ContinuousDistribution;

/** How the noise levels of a run lie between the noisiest and the cleanest, {@code sigma} being noise over signal. */
public enum SigmaSpacing {
    /** Where the timesteps of the run lie. */
    TIMESTEPS,
    /** {@code sigma^(1/7)} evenly spaced (T. Karras et al., "Elucidating the Design Space", 2022, arXiv 2206.00364, equation 5). */
    KARRAS,
    /** The logarithm of sigma evenly spaced. */
    EXPONENTIAL,
    /** The same; diffusers' {@code use_lu_lambdas}, which rounds timesteps to the nearest as for {@link #KARRAS}. */
    LU,
    /** Quantiles of a beta distribution (T. Lee et al., "Beta Sampling is All You Need", 2024, arXiv 2407.12173). */
    BETA;

    private static final double RHO = 7;
    private static final double SHAPE = 0.6;

    /**
     * Noise levels between two ends.
     *
     * @param highest sigma of the first step, positive
     * @param lowest sigma of the last step, positive
     * @param steps N, at least 1
     * @return [N], falling
     */
    double[] between(double highest, double lowest, int steps) {
        return switch (this) {
            case TIMESTEPS -> throw new IllegalStateException("sigmas of timesteps are not computed from their ends");
            case KARRAS -> {
                double from = Math.pow(highest, 1 / RHO);
                double to = Math.pow(lowest, 1 / RHO);
                yield filled(steps, u -> Math.pow(from + u * (to - from), RHO));
            }
            case EXPONENTIAL, LU -> {
                double from = Math.log(highest);
                double to = Math.log(lowest);
                yield filled(steps, u -> Math.exp(from + u * (to - from)));
            }
            case BETA -> {
                ContinuousDistribution beta = BetaDistribution.of(SHAPE, SHAPE);
                yield filled(steps, u -> lowest + beta.inverseCumulativeProbability(1 - u) * (highest - lowest));
            }
        };
    }

    private static double[] filled(int steps, DoubleUnaryOperator at) {
        double[] sigmas = new double[steps];
        for (int i = 0; i < steps; i++) {
            sigmas[i] = at.applyAsDouble(steps == 1 ? 0 : (double) i / (steps - 1));
        }
        return sigmas;
    }
}
