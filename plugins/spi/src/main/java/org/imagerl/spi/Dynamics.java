package org.imagerl.spi;

/**
 * A way to step from noise to a latent: the rule that turns a denoiser's output into the next state. If the denoiser
 * predicts the same clean latents at all steps, the way ends there.
 */
public interface Dynamics {

    /** Whether some step adds noise, so that the steps have a density. */
    boolean stochastic();

    /**
     * Makes sure that the rule fits so many steps, as far as can be said without a checkpoint.
     *
     * @throws UserException if it does not, with the reason
     */
    default void check(int steps) {}

    /**
     * Lays the rule out over a time grid.
     *
     * @param steps number of steps, at least 1; each is one call of the denoiser, and one of the kernel's steps, unless the rule says otherwise
     * @throws UserException if the rule does not fit the schedule
     */
    TransitionKernel kernel(Schedule schedule, int steps);

    /**
     * The same for the rollouts of one epoch: what rules override that add their noise now here, now there.
     *
     * @param epoch from 0; a rule that moves step by step follows it alone, so that a resumed run goes on where it was
     * @param seed of the epoch's own random stream, for rules that draw
     */
    default TransitionKernel kernel(Schedule schedule, int steps, long epoch, long seed) {
        return kernel(schedule, steps);
    }
}
