package org.imagerl.flow.nft;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import org.imagerl.flow.matching.RelativeError;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * The errors of the two implicit policies of DiffusionNFT (arXiv 2509.16117). With d and d_old the errors of the clean latents that the live and
 * the behaviour policy predict,
 *
 * <pre>
 * d+ = beta d + (1 - beta) d_old,   d- = (1 + beta) d_old - beta d
 * </pre>
 *
 * and e their {@link RelativeError}.
 *
 * @param positive e+ of each sample, {@code [B]} in the dtype of the errors, with its graph
 * @param negative e- of each sample, {@code [B]} in the dtype of the errors, with its graph
 */
record ImplicitPolicies(NDArray positive, NDArray negative) {
    /**
     * The errors of both.
     *
     * @param live d, {@code [B, c, h, w]} with its graph
     * @param behaviour d_old, {@code [B, c, h, w]}, a constant
     * @param beta how far the two are from the behaviour policy, above 0
     */
    public static ImplicitPolicies of(NDArray live, NDArray behaviour, double beta) {
        return new ImplicitPolicies(
                RelativeError.of(Kernels.combine(live, beta, behaviour, 1 - beta)),
                RelativeError.of(Kernels.combine(live, -beta, behaviour, 1 + beta)));
    }

    /**
     * The loss {@code (r e+ + (1 - r) e-) / beta}.
     *
     * @param optimality r, how good each sample is, in 0..1
     * @param beta the one that they were made with
     * @return {@code [B]} in the dtype of the errors
     */
    public NDArray loss(double[] optimality, double beta) {
        double[] rest = Arrays.stream(optimality).map(r -> 1 - r).toArray();
        NDArray sum =
                positive.mul(PerSample.like(positive, optimality)).add(negative.mul(PerSample.like(negative, rest)));
        return Kernels.scale(sum, 1 / beta);
    }
}
