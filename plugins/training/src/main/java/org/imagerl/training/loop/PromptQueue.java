package org.imagerl.training.loop;

import java.util.ArrayList;
import java.util.List;
import org.imagerl.spi.Prompt;
import org.imagerl.toolkit.random.RandomStreams;

/** The order of training prompts: one shuffled pass over the list after the other. Where a run stands follows from the epoch alone. */
record PromptQueue(List<Prompt> prompts, RandomStreams random) {

    /** The prompts of an epoch, different ones if there are enough. */
    List<Prompt> epoch(long epoch, int count) {
        List<Prompt> chosen = new ArrayList<>();
        for (long k = epoch * count; k < (epoch + 1) * count; k++) {
            long pass = k / prompts.size();
            int[] order = random.permutation(prompts.size(), "prompts", pass);
            chosen.add(prompts.get(order[(int) (k % prompts.size())]));
        }
        return chosen;
    }
}
