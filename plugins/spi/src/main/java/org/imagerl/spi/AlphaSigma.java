package org.imagerl.spi;

/**
 * The coefficients of a noisy latent at one time, {@code x = alpha x0 + sigma eps}, and of the output of a perfect
 * denoiser for it, {@code o = onX0 x0 + onEps eps}: (0, 1) predicts the noise, (-sigma, alpha) is the v-prediction of
 * variance-preserving models, (-1, 1) the velocity of flow matching.
 *
 * @param alpha factor of the clean latent
 * @param sigma factor of the noise
 * @param onX0 factor of the clean latent in the denoiser's target
 * @param onEps factor of the noise in the denoiser's target
 */
public record AlphaSigma(double alpha, double sigma, double onX0, double onEps) {

    /** The share of the noise, {@code sigma / (alpha + sigma)}: the time t of flow matching, 0 (clean) to 1 (noise). */
    public double time() {
        return sigma / (alpha + sigma);
    }

    /**
     * What an error of the output is worth as an error of the flow velocity eps - x0: with x given, errors of x0 and eps obey {@code alpha
     * dx0 + sigma deps = 0}, so {@code d(eps - x0) = (alpha + sigma) / (alpha onEps - sigma onX0) do}. That is 1 for flow matching, 1 / (1 - t) for
     * predicted noise, alpha + sigma for v-prediction. Infinite where the output says nothing of x0.
     */
    public double velocityPerOutput() {
        return (alpha + sigma) / (alpha * onEps - sigma * onX0);
    }

    /**
     * What an error of the output is worth as an error of the predicted clean latent: with x given, {@code dx0 = -sigma / (alpha onEps - sigma onX0)
     * do}. That is -t for flow matching, -sigma / alpha for predicted noise, -sigma for v-prediction. Infinite where the output says nothing of x0.
     */
    public double cleanPerOutput() {
        return -sigma / (alpha * onEps - sigma * onX0);
    }
}
