package org.imagerl.toolkit.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.run.PromptSampler;
import org.imagerl.toolkit.random.RandomStreams;

/**
 * One shuffled pass over the list after the other. Where a run stands follows from the epoch alone. An epoch that ends one pass and begins the next has
 * no prompt twice, unless it asks for more than there are: both would be one group.
 */
public final class ShuffledPrompts implements PromptSampler {

    @Override
    public List<Prompt> sample(Request request) {
        int size = request.prompts().size();
        long from = request.epoch() * request.count();
        long to = from + request.count();
        List<Prompt> chosen = new ArrayList<>();
        int[] before = {};
        for (long pass = 0; pass * size < to; pass++) {
            int[] order = order(request, pass, before);
            for (long k = Math.max(from, pass * size); k < Math.min(to, (pass + 1) * size); k++) {
                chosen.add(request.prompts().get(order[(int) (k - pass * size)]));
            }
            before = order;
        }
        return chosen;
    }

    /** The order of a pass. Its first epoch may have begun in the pass before: prompts that it has from there are moved behind it. */
    private static int[] order(Request request, long pass, int... before) {
        int size = request.prompts().size();
        int[] order = new RandomStreams(request.seed()).permutation(size, "prompts", pass);
        int taken = (int) (pass * size % request.count());
        if (taken == 0 || request.count() > size) {
            return order;
        }
        Set<Integer> there =
                IntStream.range(size - taken, size).mapToObj(k -> before[k]).collect(Collectors.toSet());
        int first = request.count() - taken;
        int later = first;
        for (int k = 0; k < first; k++) {
            if (there.contains(order[k])) {
                while (there.contains(order[later])) {
                    later++;
                }
                int moved = order[k];
                order[k] = order[later];
                order[later++] = moved;
            }
        }
        return order;
    }
}
