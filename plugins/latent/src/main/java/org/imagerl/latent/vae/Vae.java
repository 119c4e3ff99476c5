package org.imagerl.latent.vae;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/** Encodes images as latents and decodes latents as images. Both are differentiable. */
public interface Vae {
    /** Logarithms of variances lie between these. */
    double MIN_LOGVAR = -30;

    /** Logarithms of variances lie between these. */
    double MAX_LOGVAR = 20;

    /**
     * Images to means and log-variances, one after the other.
     *
     * @param image floating point {@code [B, C, H, W]} in -1..1; H and W multiples of the factor between images and latents
     * @return {@code [B, 2 c, h, w]}, not clamped
     */
    NDArray moments(NDArray image);

    /**
     * Latents to images.
     *
     * @param latent floating point {@code [B, c, h, w]} in the VAE's own scale, see {@link #fromDenoiser}
     * @return {@code [B, C, H, W]}, about -1..1, not clamped
     */
    NDArray decode(NDArray latent);

    /** Latents {@code [B, c, h, w]} in the VAE's own scale to those that the denoiser is trained on, of the same shape. */
    NDArray toDenoiser(NDArray latent);

    /** Latents {@code [B, c, h, w]} as the denoiser makes them to the VAE's own scale, of the same shape. */
    NDArray fromDenoiser(NDArray latent);

    /** The most pixels of an image of a size whose activations are in memory at once. */
    default long pixelsAtOnce(int width, int height) {
        return (long) width * height;
    }

    /**
     * Images to Gaussians over latents.
     *
     * @param image as for {@link #moments}, {@code [B, C, H, W]}
     */
    default Moments encode(NDArray image) {
        NDArray moments = moments(image);
        long latent = moments.getShape().get(1) / 2;
        NDArray mean = JniUtils.slice((PtNDArray) moments, 1, 0, latent, 1);
        NDArray logvar = Scope.of(() ->
                Kernels.clamp(JniUtils.slice((PtNDArray) moments, 1, latent, 2 * latent, 1), MIN_LOGVAR, MAX_LOGVAR));
        return new Moments(mean, logvar);
    }
}
