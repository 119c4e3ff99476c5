package org.imagerl.toolkit.recipe.trust;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import org.imagerl.spi.TrainingUnit;
import org.imagerl.spi.TrustRegion;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.recipe.RatioClip;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * P3O, its second version (Wu, Zhu, Zhang, Wen, Ramchandran, Jiao, Pairwise Proximal Policy Optimization: Harnessing
 * Relative Feedback for LLM Alignment, 2023, arXiv 2310.00212): the two ratios of a pair are clipped jointly. With i
 * the better image of a pair and j the worse one,
 *
 * <pre>
 * a_ij = (r_i - r_j) / 2 &gt; 0,   q_ij = rho_i / rho_j
 * L = -mean over pairs of a_ij min(q_ij, 1 + range)
 * </pre>
 *
 * <p>A pair is left alone as soon as the better image has gained on the worse one by the range, whichever of the two
 * moved; {@link PairwiseClip}, the first version, asks each image for itself. At the behaviour policy the gradient is
 * that of {@code rloo} without a clip, as in the first version; later it is not, since q weighs each pair by how far it
 * has come.
 *
 * <p>Which product or quotient of the ratios the paper clips was not confirmed. The quotient is the one whose gradient
 * at the behaviour policy is the paper's pair gradient {@code a (grad log pi_i - grad log pi_j)}; and the better image
 * is put first here, so that the order of a pair does not matter. As in {@link PairwiseClip} the advantages of
 * {@code rloo} stand for the rewards, {@code r_i - r_j = (A_i - A_j)(K - 1) / K} with K images of a prompt, and other
 * centred advantages may take their place. A pair's loss is counted with its better image, so that the mean over images
 * is the mean over pairs.
 */
public final class PairRatioClip implements TrustRegion {
    private final RatioClip range;

    /** @param config the range of the clip, of the quotient of two ratios */
    public PairRatioClip(RatioClip.Config config) {
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
        double[] weights = new double[samples * samples];
        GroupPairs.forEach(pass, (i, j, apart, size) -> weights[i * samples + j] = Math.max(apart, 0) / size);
        double limit = range.range(pass.elements());
        NDArray l = pass.logRatio();
        // q of sample i in row i, by its partner in column j.
        NDArray q = l.reshape(samples, 1).sub(l.reshape(1, samples)).exp();
        NDArray weight = PerSample.like(l, weights).reshape(samples, samples);
        NDArray loss =
                Kernels.clamp(q, 0, 1 + limit).mul(weight).sum(new int[] {1}).neg();
        return counted(loss, q, weights, limit);
    }

    /** Shares of the pairs, not of the images. */
    private static Surrogate counted(NDArray loss, NDArray q, double[] weights, double limit) {
        double[] quotients = q.stopGradient().toType(DataType.FLOAT64, false).toDoubleArray();
        int pairs = 0;
        double above = 0;
        double below = 0;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0) {
                pairs++;
                above += quotients[i] > 1 + limit ? 1 : 0;
                below += quotients[i] < 1 - limit ? 1 : 0;
            }
        }
        int all = Math.max(1, pairs);
        return new Surrogate(loss, above / all, above / all, below / all);
    }
}
