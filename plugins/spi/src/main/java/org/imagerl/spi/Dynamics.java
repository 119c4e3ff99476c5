package org.imagerl.spi;

/** A way to step from noise to a latent: the rule that turns a denoiser's output into the next state. */
public interface Dynamics {

    /** Whether some step adds noise, so that the steps have a density. */
    boolean stochastic();

    /**
     * Lays the rule out over a time grid.
     *
     * @param steps number of denoiser calls, at least 1
     * @throws UserException if the rule does not fit the schedule
     */
    Chain chain(Schedule schedule, int steps);
}
