package org.imagerl.spi.run;

import java.util.List;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Stateful;

/** Chooses the prompts of an epoch. What it learns from rewards is its state. */
public interface PromptSampler extends Stateful {

    /**
     * What an epoch asks for.
     *
     * @param prompts all that there are to train on, in the order of their file
     * @param count how many the epoch has
     * @param epoch from 0
     * @param seed of the random streams of the run; streams are named by the epoch, so that a resumed run draws what an uninterrupted one would have
     */
    record Request(List<Prompt> prompts, int count, long epoch, long seed) {}

    /**
     * Makes sure that it can choose among prompts.
     *
     * @param prompts all that there are to train on
     * @param count how many an epoch has
     * @throws org.imagerl.spi.UserException if it cannot, with the reason
     */
    default void check(List<Prompt> prompts, int count) {}

    /** The prompts of an epoch, as many as asked for. */
    List<Prompt> sample(Request request);

    /**
     * Takes the rewards of the epoch that was sampled last.
     *
     * @param prompts the prompt of each sample
     * @param rewards a total reward per sample, NaN where there is none
     */
    default void scored(List<Prompt> prompts, double[] rewards) {}
}
