package org.imagerl.samples.parts;

import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.spi.Advantage;

/** What a reward is above the median of its prompt's, so that one outstanding image does not make all others bad. */
final class MedianAdvantage implements Advantage {
    @Override
    public int minimumGroup() {
        return 2;
    }

    @Override
    public double[] advantages(List<String> groups, double[] rewards) {
        return IntStream.range(0, rewards.length)
                .mapToDouble(i -> rewards[i] - median(ofGroup(groups.get(i), groups, rewards)))
                .toArray();
    }

    /** Sorted; an image that could not be scored has no part in it. */
    private static double[] ofGroup(String group, List<String> groups, double[] rewards) {
        return IntStream.range(0, rewards.length)
                .filter(i -> groups.get(i).equals(group) && !Double.isNaN(rewards[i]))
                .mapToDouble(i -> rewards[i])
                .sorted()
                .toArray();
    }

    private static double median(double... sorted) {
        int n = sorted.length;
        return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    }
}
