package org.imagerl.latent.vae;

import ai.djl.ndarray.NDArray;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/**
 * A Gaussian over latents with independent elements, in the VAE's own scale.
 *
 * @param mean {@code [B, c, h, w]}
 * @param logvar natural logarithm of the variance, like mean, in -30..20
 */
public record Moments(NDArray mean, NDArray logvar) {

    /**
     * {@code mean + std noise}; differentiable.
     *
     * @param noise standard normal numbers {@code [B, c, h, w]}
     * @return {@code [B, c, h, w]}
     */
    public NDArray sample(NDArray noise) {
        return Scope.of(() -> Kernels.scale(logvar, 0.5).exp().mul(noise).add(mean));
    }
}
