package org.imagerl.samples.parts;

import java.util.stream.IntStream;
import org.imagerl.spi.Selection;

/** Trains on the images that are better than others of their prompt, and on no worse ones. */
final class AboveAverage implements Selection {
    @Override
    public int[] select(Candidates candidates) {
        double[] advantages = candidates.advantages();
        return IntStream.range(0, advantages.length)
                .filter(i -> advantages[i] > 0) // not of NaN, which is an image without a reward
                .toArray();
    }
}
