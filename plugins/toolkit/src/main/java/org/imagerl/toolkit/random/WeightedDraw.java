package org.imagerl.toolkit.random;

import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Draws by weight without replacement. */
public final class WeightedDraw {
    private WeightedDraw() {}

    /**
     * The items that are drawn, in the order in which they are. The first is drawn with chances in proportion to the weights, the next one of the others, and
     * so on: each item has an exponential variable with its weight as rate, and the smallest are drawn (Efraimidis, Spirakis, Weighted random sampling with
     * a reservoir, 2006).
     *
     * @param weights per item, at least 0; an item of weight 0 is never drawn
     * @param count how many, fewer if not as many have a weight
     * @param streams the random stream of each item
     */
    public static int[] of(double[] weights, int count, IntFunction<SplittableRandom> streams) {
        double[] keys = new double[weights.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = -Math.log1p(-streams.apply(i).nextDouble()) / weights[i];
        }
        return IntStream.range(0, weights.length)
                .filter(i -> weights[i] > 0)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> keys[i]).thenComparing(Comparator.naturalOrder()))
                .limit(count)
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
