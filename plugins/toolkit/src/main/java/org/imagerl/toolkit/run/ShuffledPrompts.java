package org.imagerl.toolkit.run;

import java.util.ArrayList;
import java.util.List;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.run.PromptSampler;
import org.imagerl.toolkit.random.RandomStreams;

/** One shuffled pass over the list after the other. Where a run stands follows from the epoch alone. */
public final class ShuffledPrompts implements PromptSampler {

    @Override
    public List<Prompt> sample(Request request) {
        RandomStreams random = new RandomStreams(request.seed());
        int size = request.prompts().size();
        List<Prompt> chosen = new ArrayList<>();
        for (long k = request.epoch() * request.count(); k < (request.epoch() + 1) * request.count(); k++) {
            int[] order = random.permutation(size, "prompts", k / size);
            chosen.add(request.prompts().get(order[(int) (k % size)]));
        }
        return chosen;
    }
}
