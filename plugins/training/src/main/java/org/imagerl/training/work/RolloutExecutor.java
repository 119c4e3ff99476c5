package org.imagerl.training.work;

import java.util.List;
import org.imagerl.spi.UserException;

/** Samples with the policy and scores the images. What comes out depends on the units alone, and not on who computes them or in what order. */
public interface RolloutExecutor extends AutoCloseable {

    /** Who waits for a rollout. Several threads may call, one at a time. */
    interface Watch {
        /** Called before a unit begins; what it throws ends the rollout. */
        void begin();

        /** Called when a unit is done. */
        void done(RolloutUnit unit);
    }

    /**
     * Computes a rollout.
     *
     * @param units all of it, in the order of its samples
     */
    Rollout run(List<RolloutUnit> units, Watch watch);

    /**
     * Puts samples of a rollout in the place of samples of another one; both are open. What computes rollouts elsewhere need not be able to.
     *
     * @throws UserException if it is not able to, with the remedy
     */
    default void replace(Replacement replacement) {
        throw UserException.input(
                "rollout.hints: what computes the rollouts of this run cannot mix them; train with the"
                        + " threads of this process, or without hints");
    }

    /** Waits for what still runs, and ends. All rollouts are closed before. */
    @Override
    void close();
}
