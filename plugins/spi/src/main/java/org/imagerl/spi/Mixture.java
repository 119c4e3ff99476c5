package org.imagerl.spi;

/**
 * What a noisy latent is made of, {@code x = alpha x0 + sigma eps}.
 *
 * @param alpha factor of the clean latent
 * @param sigma factor of the noise
 */
public record Mixture(double alpha, double sigma) {}
