package org.imagerl.toolkit.recipe.trust;

import ai.djl.ndarray.NDArray;
import org.imagerl.spi.TrainingUnit;
import org.imagerl.spi.TrustRegion;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.recipe.RatioClip;

/**
 * P3O, its first version (Wu, Zhu, Zhang, Wen, Ramchandran, Jiao, Pairwise Proximal Policy Optimization: Harnessing
 * Relative Feedback for LLM Alignment, 2023, arXiv 2310.00212): PPO's clip for every pair of images of a prompt, with
 * the two ratios clipped each by itself,
 *
 * <pre>
 * a_ij = (r_i - r_j) / 2
 * L = -mean over pairs i, j of [min(rho_i a_ij, clip(rho_i) a_ij) + min(-rho_j a_ij, -clip(rho_j) a_ij)]
 * </pre>
 *
 * <p>Image i has a_ij above 0 beside worse images and below 0 beside better ones, and its ratio is clipped at the upper
 * end for the former and at the lower end for the latter, where PPO clips at one end alone. Added up by images, with
 * the advantages {@code A} of the advantage {@code rloo} and K images of a prompt, it is
 *
 * <pre>
 * L_i = max(-rho P, -clip(rho) P) + max(-rho N, -clip(rho) N),   P = sum_j max(A_i - A_j, 0) / K,   N = sum_j min(A_i - A_j, 0) / K
 * </pre>
 *
 * with {@code P + N = A_i}: inside the range it is the plain recipe with the same advantages. Other centred advantages
 * may stand in the place of {@code rloo}; then differences of those are compared. {@link PairRatioClip} is the paper's
 * second version, which clips both ratios together. Its claim that relative feedback needs no value baseline holds of
 * all group advantages.
 */
public final class PairwiseClip implements TrustRegion {
    private final RatioClip range;

    /** @param config the range of the clip, as that of {@code clip} */
    public PairwiseClip(RatioClip.Config config) {
        range = new RatioClip(config);
    }

    @Override
    public TrainingUnit unit() {
        return TrainingUnit.GROUP;
    }

    @Override
    public String allowance(long elements) {
        return range.allowance(elements);
    }

    @Override
    public Surrogate surrogate(Pass pass) {
        int samples = (int) pass.advantages().size();
        double[] above = new double[samples];
        double[] below = new double[samples];
        GroupPairs.forEach(pass, (i, j, apart, size) -> {
            above[i] += Math.max(apart, 0) / size;
            below[i] += Math.min(apart, 0) / size;
        });
        double limit = range.range(pass.elements());
        Surrogate better = RatioClip.clipped(with(pass, above), limit, limit);
        Surrogate worse = RatioClip.clipped(with(pass, below), limit, limit);
        return new Surrogate(
                better.loss().add(worse.loss()),
                better.clippedShare() + worse.clippedShare(), // a ratio is beyond one end alone
                better.aboveShare(),
                better.belowShare());
    }

    private static Pass with(Pass pass, double[] advantages) {
        NDArray like = PerSample.like(pass.logRatio(), advantages);
        return new Pass(pass.logRatio(), like, pass.elements());
    }
}
