package org.imagerl.spi;

/**
 * How noise is mixed in over time, {@code x_t = alpha(t) x_0 + sigma(t) eps}: as the checkpoint's scheduler configuration
 * says. Dynamics know the kinds of schedule that they can step through and refuse the others with the reason.
 */
public interface Schedule {

    /** The family in words, for messages: "diffusion (scaled_linear betas, epsilon prediction)". */
    String description();
}
