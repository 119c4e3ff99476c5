package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.imagerl.spi.Trajectories;

/**
 * Other weights whose outputs are mixed into those of a policy.
 *
 * @param other the other weights
 * @param share of their output, by time in the denoiser's unit
 */
record OutputMixture(Other other, DoubleUnaryOperator share) {
    static final OutputMixture NONE = new OutputMixture((latents, timesteps, batch) -> latents, time -> 0);

    /** Other weights that are asked. */
    @FunctionalInterface
    interface Other {
        /**
         * Their output.
         *
         * @param latents float32 {@code [B, c, h, w]}
         * @param timesteps a time per sample, in the denoiser's unit
         * @param batch the samples these latents belong to
         * @return float32 {@code [B, c, h, w]}, after guidance
         */
        NDArray output(NDArray latents, double[] timesteps, Trajectories batch);
    }

    /** Of all samples; 0 where they do not have the same. */
    double share(double... timesteps) {
        double[] shares = Arrays.stream(timesteps).map(share).distinct().toArray();
        return shares.length == 1 ? shares[0] : 0;
    }
}
