package org.imagerl.spi.run;

import java.util.List;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Stateful;

/** Divides the samples of an epoch among its prompts. What it learns from rewards is its state. */
public interface RolloutBudget extends Stateful {

    /**
     * Makes sure that there is something to divide.
     *
     * @param mean samples per prompt
     * @throws org.imagerl.spi.UserException if there is not, with the reason
     */
    default void check(int mean) {}

    /** Whether all prompts of an epoch get as many samples, in every epoch. */
    default boolean equal() {
        return false;
    }

    /**
     * Samples of each prompt of an epoch, at least 1 each.
     *
     * @param prompts of the epoch
     * @param mean samples per prompt: the sum of all is this times the number of prompts
     * @param epoch from 0
     */
    int[] samples(List<Prompt> prompts, int mean, long epoch);

    /**
     * Takes the rewards of the epoch.
     *
     * @param prompts the prompt of each sample
     * @param rewards a total reward per sample, NaN where there is none
     */
    default void scored(List<Prompt> prompts, double[] rewards) {}
}
