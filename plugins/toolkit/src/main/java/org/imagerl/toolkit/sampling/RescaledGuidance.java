package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDArray;
import org.imagerl.spi.Guidance;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * Classifier-free guidance whose output o has in part the standard deviation of that for the prompt, p, so that large scales do not overexpose (Lin, Liu,
 * Li, Yang, Common Diffusion Noise Schedules and Sample Steps are Flawed, 2023, arXiv 2305.08891, eq. 15 and 16; {@code guidance_rescale} of diffusers):
 *
 * <pre>
 * o (share std(p) / std(o) + 1 - share)
 * </pre>
 *
 * with the deviations over the elements of each sample. The paper's share is 0.7.
 */
public final class RescaledGuidance implements Guidance {

    /** @param share of the rescaled output, 0 (none) to 1 */
    public record Config(double share) {
        /** Checks the range. */
        public Config {
            if (!(share >= 0 && share <= 1)) {
                throw new IllegalArgumentException("share must be 0 to 1");
            }
        }
    }

    private final Config config;
    private final Guidance plain = new ClassifierFreeGuidance();

    public RescaledGuidance(Config config) {
        this.config = config;
    }

    @Override
    public NDArray output(NDArray negative, NDArray positive, double scale) {
        NDArray guided = plain.output(negative, positive, scale);
        NDArray ratio = variance(positive).div(variance(guided)).sqrt();
        NDArray factor = Kernels.shift(Kernels.scale(ratio, config.share), 1 - config.share);
        return guided.mul(factor);
    }

    /** The variance of each sample, float32 {@code [B, 1, 1, 1]}. */
    private static NDArray variance(NDArray x) {
        long batch = x.getShape().get(0);
        NDArray centred = x.sub(Kernels.meanPerSample(x).reshape(batch, 1, 1, 1));
        return Kernels.meanPerSample(centred.mul(centred)).reshape(batch, 1, 1, 1);
    }
}
