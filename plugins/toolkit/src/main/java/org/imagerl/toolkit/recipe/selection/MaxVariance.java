package org.imagerl.toolkit.recipe.selection;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.imagerl.spi.CoefficientSchedule;
import org.imagerl.spi.Selection;
import org.imagerl.toolkit.recipe.Groups;
import org.jspecify.annotations.Nullable;

/**
 * The rollouts that differ most: among all subsets of a size the one whose values have the largest variance, which is
 * always some smallest and some largest values. Groups whose rollouts all score alike drop out.
 *
 * <ul>
 *   <li>{@code d3s}: over the whole epoch, by advantages (Wang et al., Learning More with Less: A Dynamic Dual-Level
 *     Down-Sampling Framework for Efficient Policy Optimization, 2025, arXiv 2509.22115). Only the level of samples:
 *     that of tokens asks for the entropy of steps, which here is constant. The published shares are
 *     <i>unconfirmed</i>; a schedule moves the share from few to many as in the paper
 *   <li>{@code pods}: within each prompt, by rewards (Xu et al., Not All Rollouts are Useful: Down-Sampling Rollouts in
 *     LLM Reinforcement Learning, 2025, arXiv 2504.13818)
 * </ul>
 *
 * <p>Of equal values the first samples are taken.
 */
public final class MaxVariance implements Selection {

    /**
     * How many.
     *
     * @param share of the samples that are kept, above 0, at most 1; at least two samples are, if there are
     * @param schedule how the share moves over the run; null is constant
     */
    public record Config(double share, @Nullable CoefficientSchedule schedule) {
        /** Checks the ranges. */
        public Config {
            if (!(share > 0 && share <= 1) || (schedule != null && schedule.to() > 1)) {
                throw new IllegalArgumentException("share must be above 0 and at most 1, in the schedule too");
            }
        }
    }

    private final Config config;
    private final boolean withinGroups;

    private MaxVariance(Config config, boolean withinGroups) {
        this.config = config;
        this.withinGroups = withinGroups;
    }

    /** {@code d3s}. */
    public static MaxVariance ofEpoch(Config config) {
        return new MaxVariance(config, false);
    }

    /** {@code pods}. */
    public static MaxVariance ofGroups(Config config) {
        return new MaxVariance(config, true);
    }

    @Override
    public int[] select(Candidates candidates) {
        double share = CoefficientSchedule.at(config.schedule, config.share, candidates.progress());
        double[] advantages = candidates.advantages();
        if (withinGroups) {
            return Groups.ofNumbers(candidates.groups(), advantages).stream()
                    .flatMapToInt(group -> chosen(group, candidates.rewards(), share))
                    .sorted()
                    .toArray();
        }
        int[] all = IntStream.range(0, advantages.length)
                .filter(i -> !Double.isNaN(advantages[i]))
                .toArray();
        return chosen(all, advantages, share).sorted().toArray();
    }

    private static IntStream chosen(int[] samples, double[] values, double share) {
        int count = Math.max(Math.min(2, samples.length), (int) Math.round(share * samples.length));
        return IntStream.of(subset(Groups.pick(values, samples), count)).map(place -> samples[place]);
    }

    /** The places of the values of the subset of a size that has the largest variance. */
    static int[] subset(double[] values, int count) {
        int n = values.length;
        int[] order = IntStream.range(0, n)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> values[i]).thenComparing(Comparator.naturalOrder()))
                .mapToInt(Integer::intValue)
                .toArray();
        double[] sums = new double[n + 1];
        double[] squares = new double[n + 1];
        for (int i = 0; i < n; i++) {
            double shifted = values[order[i]] - values[order[0]]; // of equal values exactly 0
            sums[i + 1] = sums[i] + shifted;
            squares[i + 1] = squares[i] + shifted * shifted;
        }
        int smallest = count;
        double largest = -1;
        for (int k = count; k >= 0; k--) {
            int from = n - (count - k);
            double mean = (sums[k] + sums[n] - sums[from]) / count;
            double variance = (squares[k] + squares[n] - squares[from]) / count - mean * mean;
            if (variance > largest) {
                largest = variance;
                smallest = k;
            }
        }
        int kept = smallest;
        return IntStream.concat(Arrays.stream(order, 0, kept), Arrays.stream(order, n - (count - kept), n))
                .toArray();
    }
}
