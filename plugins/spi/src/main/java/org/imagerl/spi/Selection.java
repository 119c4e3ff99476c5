package org.imagerl.spi;

import java.util.List;

/** Recipe part: which rollouts are trained on. */
public interface Selection {

    /**
     * Indices of the samples to train on, ascending.
     *
     * @param groups the group of each sample
     * @param rewards a reward per sample, NaN where there is none
     * @param advantages an advantage per sample, NaN where there is none
     */
    int[] select(List<String> groups, double[] rewards, double[] advantages);
}
