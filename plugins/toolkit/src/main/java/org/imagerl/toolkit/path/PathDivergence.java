package org.imagerl.toolkit.path;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Map;
import java.util.Objects;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/**
 * The path KL of a policy and the checkpoint: the sum over steps of
 *
 * <pre>
 * KL_t = sum_d (mu_t - mu_ref,t)^2 / (2 S_t^2)          nats, a sum over the elements of a latent
 * </pre>
 *
 * at the states of its own rollouts, over the steps that add noise: one without has no divergence that is finite.
 */
public final class PathDivergence {
    static final String NATS = "path_kl";
    private static final String PER_ELEMENT = "path_kl_per_element";

    private PathDivergence() {}

    /**
     * Measures the path KL without gradients.
     *
     * @param batch rollouts with all states and noises, of the weights at hand
     * @return {@code path_kl}, the mean over samples; {@code path_kl_per_element}, the same divided by D; empty if no step adds noise
     */
    public static Map<String, Double> of(Policy policy, Batch batch) {
        Trajectories path = batch.trajectories();
        double kl = 0;
        int noisy = 0;
        for (int step = 0; step < path.kernel().steps(); step++) {
            if (path.kernel().std(step) > 0) {
                kl += of(policy, step, path);
                noisy++;
            }
        }
        return noisy == 0 ? Map.of() : metrics(kl, path);
    }

    static Map<String, Double> metrics(double kl, Trajectories path) {
        return Map.of(NATS, kl, PER_ELEMENT, kl / path.elements());
    }

    private static double of(Policy policy, int step, Trajectories path) {
        double[] kl = new double[1];
        Scope.run(() -> kl[0] = Gradients.off(() -> {
            NDArray reference = policy.mean(WeightSet.REFERENCE, step, path);
            return of(mean(step, path).sub(reference), step, path);
        }));
        return kl[0];
    }

    /** The mean over samples of KL_t, of the difference of the means. */
    static double of(NDArray difference, int step, Trajectories path) {
        double std = path.kernel().std(step);
        double squares =
                difference.mul(difference).sum().toType(DataType.FLOAT64, false).getDouble();
        return squares / (2 * std * std) / path.size();
    }

    /** The mean of the transition from which the rollout was sampled: the next state without its noise. */
    static NDArray mean(int step, Trajectories path) {
        NDArray noise = Objects.requireNonNull(path.noise(step), "the rollouts were stored without their noise");
        return Kernels.combine(path.state(step + 1), 1, noise, -path.kernel().std(step));
    }
}
