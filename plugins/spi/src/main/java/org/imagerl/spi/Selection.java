package org.imagerl.spi;

import java.util.List;

/** Recipe part: which rollouts are trained on. */
public interface Selection extends Stateful {

    /**
     * What there is to choose from.
     *
     * @param groups the group of each sample
     * @param rewards a reward per sample, NaN where there is none
     * @param advantages an advantage per sample, of all samples, NaN where there is none
     * @param progress share of the run's epochs that are trained, from 0
     * @param seed of the epoch's own random stream, for choices that draw
     */
    record Candidates(List<String> groups, double[] rewards, double[] advantages, double progress, long seed) {}

    /** Indices of the samples to train on, ascending and distinct; never of one without an advantage. */
    int[] select(Candidates candidates);
}
