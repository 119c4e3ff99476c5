package org.imagerl.diffusion.solver;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * A linear combination of latents and of predicted clean latents.
 *
 * @param onLatents factor of the latents
 * @param onX0 factors of predictions, the newest first
 */
record Weights(double onLatents, double... onX0) {

    /**
     * The combination; predictions beyond those that have a factor are left out.
     *
     * @param latents float32 {@code [B, c, h, w]}
     * @param x0 predictions, the newest first, each float32 {@code [B, c, h, w]}
     * @return float32 {@code [B, c, h, w]}
     */
    NDArray of(NDArray latents, List<NDArray> x0) {
        NDArray sum = Kernels.combine(latents, onLatents, x0.get(0), onX0[0]);
        for (int i = 1; i < onX0.length; i++) {
            sum = Kernels.combine(sum, 1, x0.get(i), onX0[i]);
        }
        return sum;
    }
}
