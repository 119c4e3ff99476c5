package org.imagerl.flow.matching;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.Set;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Policy;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * The penalty {@code kl-prediction} for objectives that have their own loss:
 * {@code coefficient mean_i f_i mean_d (v - v_ref)^2}, on the noisy latents of the loss.
 *
 * @param coefficient 0 is no penalty, and no call of the denoiser
 */
public record ReferencePenalty(double coefficient) {

    /** Checks the range of a setting. */
    public static void check(double coefficient) {
        if (!(coefficient >= 0)) {
            throw new IllegalArgumentException("reference_coefficient must be at least 0");
        }
    }

    /** The reference weights, if there is a penalty. */
    public Objective.Needs needs() {
        return coefficient == 0 ? Objective.Needs.NONE : new Objective.Needs(false, false, Set.of(WeightSet.REFERENCE));
    }

    /** How often it asks the denoiser in a pass. */
    public int calls() {
        return coefficient == 0 ? 0 : 1;
    }

    /** {@link #added(NDArray, NoisedImages, NDArray, NDArray, double[], Metrics)}, which asks the reference weights if there is a penalty. */
    public NDArray added(
            NDArray loss,
            NoisedImages noised,
            NDArray live,
            Policy policy,
            Batch batch,
            double[] factors,
            Metrics metrics) {
        return coefficient == 0
                ? loss
                : added(loss, noised, live, noised.output(policy, WeightSet.REFERENCE, batch), factors, metrics);
    }

    /**
     * A loss with the penalty, which is logged as {@code penalty}.
     *
     * @param loss float64 scalar
     * @param live output of the live weights, float32 {@code [B, c, h, w]} with its graph
     * @param reference output of the reference weights, float32 {@code [B, c, h, w]}, a constant
     * @param factors f of each sample
     */
    public NDArray added(
            NDArray loss, NoisedImages noised, NDArray live, NDArray reference, double[] factors, Metrics metrics) {
        if (coefficient == 0) {
            return loss;
        }
        NDArray distances = noised.distances(live, reference);
        NDArray added =
                Kernels.scale(distances.mul(PerSample.like(distances, factors)).mean(), coefficient);
        metrics.mean("penalty", added.stopGradient().getDouble());
        return loss.add(added);
    }

    /** The factors 1 of so many samples. */
    public static double[] equal(int samples) {
        double[] equal = new double[samples];
        Arrays.fill(equal, 1);
        return equal;
    }
}
