package org.imagerl.spi;

import java.util.List;

/** Recipe part: how rewards become signs. May keep statistics across epochs. */
public interface Advantage extends Stateful {

    /** Fewest samples per prompt and epoch with which the estimate means something: 2 for group baselines. */
    int minimumGroup();

    /** What it must know of rollouts. An estimator that needs their densities tells steps apart: it goes only with a likelihood that has transitions. */
    default Objective.Needs needs() {
        return Objective.Needs.NONE;
    }

    /**
     * Whether it is derived for transitions that are Gaussian, so that it does not go with another {@link StepNoise}.
     * By default it is where it looks at the noise.
     */
    default boolean needsGaussian() {
        return needs().noise();
    }

    /**
     * Makes sure that epochs have a form that it can work with.
     *
     * @param prompts of an epoch
     * @param samples of each prompt
     * @throws UserException if they have not, with the reason
     */
    default void check(int prompts, int samples) {}

    /** Whether it compares the samples of different prompts one by one, so that each prompt of an epoch must have as many. */
    default boolean needsEqualGroups() {
        return false;
    }

    /**
     * Makes sure that it can work with the steps of rollouts, before the first epoch.
     *
     * @param rollouts the kernels of an epoch
     * @throws UserException if it cannot, with the reason
     */
    default void check(TransitionKernel rollouts) {}

    /**
     * Takes the range of rewards, once, before the first epoch.
     *
     * @param lowest possible reward; negative infinity if unbounded
     * @param highest possible reward; infinity if unbounded
     * @throws UserException if it cannot work with it, with the reason
     */
    default void rewardRange(double lowest, double highest) {}

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
    default Advantages advantages(List<String> groups, double[] rewards, RolloutEvidence rollouts) {
        return Advantages.ofSamples(advantages(groups, rewards));
    }
}
