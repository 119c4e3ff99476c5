package org.imagerl.flow.nft;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * The errors of the two implicit policies of DiffusionNFT (arXiv 2509.16117, eq. 5 and 6). With d and d_old the errors of the clean latents that the live and
 * the behaviour policy predict,
 *
 * <pre>
 * d+ = beta d + (1 - beta) d_old,   d- = (1 + beta) d_old - beta d,   e = mean_d d^2 / max(mean_d |d|, 1e-5)
 * </pre>
 *
 * where the denominator is a constant.
 *
 * @param positive e+ of each sample, {@code [B]} in the dtype of the errors, with its graph
 * @param negative e- of each sample, {@code [B]} in the dtype of the errors, with its graph
 */
public record ImplicitPolicies(NDArray positive, NDArray negative) {
    private static final double SMALLEST_ERROR = 1e-5;

    /**
     * The errors of both.
     *
     * @param live d, {@code [B, c, h, w]} with its graph
     * @param behaviour d_old, {@code [B, c, h, w]}, a constant
     * @param beta how far the two are from the behaviour policy, above 0
     */
    public static ImplicitPolicies of(NDArray live, NDArray behaviour, double beta) {
        return new ImplicitPolicies(
                relative(Kernels.combine(live, beta, behaviour, 1 - beta)),
                relative(Kernels.combine(live, -beta, behaviour, 1 + beta)));
    }

    private static NDArray relative(NDArray error) {
        NDArray size = Kernels.meanPerSample(error.stopGradient().abs());
        return Kernels.meanPerSample(error.mul(error)).div(Kernels.clamp(size, SMALLEST_ERROR, Float.MAX_VALUE));
    }

    /**
     * The loss {@code c (r e+ + (1 - r) e-) / beta} with {@code r = clamp(A, -c, c) / (2 c) + 1/2}.
     *
     * @param advantages A of each sample
     * @param limit c, above 0
     * @param beta the one that they were made with
     * @return {@code [B]} in the dtype of the errors
     */
    public NDArray loss(double[] advantages, double limit, double beta) {
        double[] optimality = optimality(advantages, limit);
        double[] rest = Arrays.stream(optimality).map(r -> 1 - r).toArray();
        NDArray sum =
                positive.mul(PerSample.like(positive, optimality)).add(negative.mul(PerSample.like(negative, rest)));
        return Kernels.scale(sum, limit / beta);
    }

    /** The probability r that a sample is a good one, in 0..1. */
    static double[] optimality(double[] advantages, double limit) {
        return Arrays.stream(advantages)
                .map(a -> Math.max(-limit, Math.min(limit, a)) / (2 * limit) + 0.5)
                .toArray();
    }
}
