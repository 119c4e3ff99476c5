package org.imagerl.flow.awm;

import ai.djl.ndarray.NDArray;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * How the log-likelihood l follows from the matching error e at time t, as in the published code of Advantage Weighted
 * Matching.
 */
public enum Weighting {
    /** {@code -e}. */
    UNIFORM,
    /** {@code -t e}. */
    T,
    /** {@code -t^2 e}. */
    T2,
    /** {@code -t (sqrt(e + 1e-10) - 1e-5)}: that of the root, whose gradient does not fade with the error. */
    HUBER,
    /** {@code -(t / p) ((e + 1e-10)^p - 1e-10^p)}, p the power: p = 1 is {@link #T}; small p lifts samples with a small error. */
    GHUBER;

    private static final double SMALL = 1e-10;

    /**
     * The log-likelihoods.
     *
     * @param errors {@code [B]}, with their graph
     * @param times t of each sample, sigma / (alpha + sigma)
     * @param power p of {@link #GHUBER}
     * @return {@code [B]} in the dtype of the errors
     */
    public NDArray logLikelihood(NDArray errors, double[] times, double power) {
        NDArray shaped = switch (this) {
            case UNIFORM, T, T2 -> errors;
            case HUBER -> Kernels.shift(Kernels.shift(errors, SMALL).sqrt(), -Math.sqrt(SMALL));
            case GHUBER ->
                Kernels.scale(
                        Kernels.shift(raised(Kernels.shift(errors, SMALL), power), -Math.pow(SMALL, power)), 1 / power);
        };
        double[] factors = new double[times.length];
        for (int i = 0; i < times.length; i++) {
            factors[i] = -factor(times[i]);
        }
        return shaped.mul(PerSample.like(errors, factors));
    }

    private double factor(double t) {
        return switch (this) {
            case UNIFORM -> 1;
            case T2 -> t * t;
            default -> t;
        };
    }

    private static NDArray raised(NDArray x, double power) {
        return Kernels.scale(x.log(), power).exp();
    }
}
