package org.imagerl.spi;

/**
 * The coefficients of a noisy latent, {@code x = alpha x0 + sigma eps}.
 *
 * @param alpha factor of the clean latent
 * @param sigma factor of the noise
 */
public record Mixture(double alpha, double sigma) {}
