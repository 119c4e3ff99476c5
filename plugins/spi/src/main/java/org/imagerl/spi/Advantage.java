package org.imagerl.spi;

import java.util.List;

/** Recipe part: how rewards become signs. May keep statistics across epochs. */
public interface Advantage extends Stateful {

    /** Fewest samples per prompt and epoch with which the estimate means something: 2 for group baselines. */
    int minimumGroup();

    /**
     * Advantages of one epoch's rollouts.
     *
     * @param groups the group of each sample ({@link Prompt#id})
     * @param rewards a reward per sample; NaN for an image that could not be scored: excluded from all statistics
     * @return an advantage per sample; NaN where the reward is NaN
     */
    double[] advantages(List<String> groups, double[] rewards);

    /**
     * The same for estimators that tell the steps of a sample apart. By default all steps have the advantage of their sample.
     *
     * @param rollouts that the rewards are of
     */
    default Advantages advantages(List<String> groups, double[] rewards, Trajectories rollouts) {
        return Advantages.ofSamples(advantages(groups, rewards));
    }
}
