package org.imagerl.toolkit.recipe;

import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.spi.Selection;

/** Every rollout that has a reward. */
public final class SelectAll implements Selection {

    @Override
    public int[] select(List<String> groups, double[] rewards, double[] advantages) {
        return IntStream.range(0, rewards.length)
                .filter(i -> !Double.isNaN(advantages[i]))
                .toArray();
    }
}
