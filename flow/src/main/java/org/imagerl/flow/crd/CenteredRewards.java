package org.imagerl.flow.crd;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.List;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * The regression of implicit rewards R on rewards r in 0..1, both centred by their means over the images of a prompt.
 */
final class CenteredRewards {
    private final CrdObjective.Form form;
    private final double beta;
    private final @Nullable Double temperature;

    /**
     * @param beta factor of the implicit rewards, above 0
     * @param temperature T above 0 of the weights of means, {@code softmax(r / T)} and {@code softmax(-r / T)} by halves; null for plain means
     */
    CenteredRewards(CrdObjective.Form form, double beta, @Nullable Double temperature) {
        this.form = form;
        this.beta = beta;
        this.temperature = temperature;
    }

    /**
     * The loss.
     *
     * @param implicit R, float64 {@code [B]} with its graph; means of it are constants
     * @param rewards r
     * @param groups the rows of each prompt
     * @return float64 {@code [B]}
     */
    NDArray loss(NDArray implicit, double[] rewards, List<int[]> groups) {
        if (temperature == null) {
            return centred(implicit, rewards, groups, 0);
        }
        NDArray good = centred(implicit, rewards, groups, 1 / temperature);
        NDArray bad = centred(implicit, rewards, groups, -1 / temperature);
        return Kernels.combine(good, 0.5, bad, 0.5);
    }

    /** @param sharpness of the weights {@code softmax(sharpness r)} of both means */
    private NDArray centred(NDArray implicit, double[] rewards, List<int[]> groups, double sharpness) {
        double[] given = implicit.stopGradient().toDoubleArray();
        double[] wanted = new double[rewards.length];
        double[] means = new double[rewards.length];
        for (int[] group : groups) {
            double[] weights = softmax(sharpness, rewards, group);
            double reward = 0;
            double mean = 0;
            for (int k = 0; k < group.length; k++) {
                reward += weights[k] * rewards[group[k]];
                mean += weights[k] * given[group[k]];
            }
            for (int row : group) {
                wanted[row] = rewards[row] - reward;
                means[row] = mean;
            }
        }
        NDArray centred = Kernels.scale(implicit.sub(PerSample.like(implicit, means)), beta);
        return form == CrdObjective.Form.SQUARED ? squared(centred, wanted) : logistic(centred, wanted);
    }

    private static NDArray squared(NDArray centred, double... wanted) {
        NDArray difference = centred.sub(PerSample.like(centred, wanted));
        return difference.mul(difference);
    }

    /** {@code ln(1 + e^z) - p z}. */
    private static NDArray logistic(NDArray centred, double... wanted) {
        double[] shares = Arrays.stream(wanted).map(r -> 1 / (1 + Math.exp(-r))).toArray();
        NDArray softPlus = Kernels.shift(centred.exp(), 1).log();
        return softPlus.sub(centred.mul(PerSample.like(centred, shares)));
    }

    private static double[] softmax(double sharpness, double[] rewards, int... group) {
        double[] logits = Arrays.stream(group)
                .mapToDouble(row -> sharpness * rewards[row])
                .toArray();
        double largest = Arrays.stream(logits).max().orElseThrow();
        double[] weights =
                Arrays.stream(logits).map(logit -> Math.exp(logit - largest)).toArray();
        double sum = Arrays.stream(weights).sum();
        return Arrays.stream(weights).map(weight -> weight / sum).toArray();
    }
}
