package org.imagerl.toolkit.run;

import java.util.Arrays;
import java.util.List;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.run.RolloutBudget;

/** The same number of samples for every prompt. */
public final class ConstantBudget implements RolloutBudget {

    @Override
    public boolean equal() {
        return true;
    }

    @Override
    public int[] samples(List<Prompt> prompts, int mean, long epoch) {
        int[] samples = new int[prompts.size()];
        Arrays.fill(samples, mean);
        return samples;
    }
}
