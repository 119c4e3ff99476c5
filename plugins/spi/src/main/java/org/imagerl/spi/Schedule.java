package org.imagerl.spi;

/**
 * How noise is mixed in over time, {@code x_t = alpha(t) x_0 + sigma(t) eps}: as the checkpoint's scheduler configuration
 * says. Dynamics know the kinds of schedule that they can step through and refuse the others with the reason.
 */
public interface Schedule {

    /** The family in words, for messages: "diffusion (scaled_linear betas, epsilon prediction)". */
    String description();

    /**
     * The coefficients of latents and noise at a time.
     *
     * @param timestep in the denoiser's unit
     */
    AlphaSigma at(double timestep);

    /**
     * The time, in the denoiser's unit, at a position of the way: positions are spread evenly over what the denoiser was trained on, 0 is the
     * cleanest, 1 the noisiest.
     */
    double timestep(double position);

    /** The time nearest to another that the denoiser was trained on, both in its unit; by default it was trained on all. */
    default double nearest(double timestep) {
        return timestep;
    }

    /**
     * Where a walk of N steps begins that starts with a noised image, as the pipelines of diffusers for this family count.
     *
     * @param steps N
     * @param strength share of the steps that are made, above 0 and at most 1
     * @return the first step that is made, from 0; N if none is
     */
    default int begin(int steps, double strength) {
        return steps - Math.min((int) (steps * strength), steps);
    }

    /**
     * The deterministic way from noise to a latent along the schedule's own time grid.
     *
     * @param steps number of denoiser calls, at least 1
     * @throws UserException if the schedule has no grid of so many steps
     */
    TransitionKernel ode(int steps);
}
