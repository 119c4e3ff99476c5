package org.imagerl.toolkit.recipe;

import java.util.stream.IntStream;
import org.imagerl.spi.Selection;

/** Every rollout that has a reward. */
public final class SelectAll implements Selection {

    @Override
    public int[] select(Candidates candidates) {
        return IntStream.range(0, candidates.advantages().length)
                .filter(i -> !Double.isNaN(candidates.advantages()[i]))
                .toArray();
    }
}
