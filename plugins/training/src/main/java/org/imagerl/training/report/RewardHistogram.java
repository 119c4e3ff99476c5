package org.imagerl.training.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.scoring.reward.Statistics;
import org.imagerl.spi.Score;

/**
 * The distribution of the scores of an epoch's images by one reward.
 *
 * @param name of the reward
 * @param low the lowest score; 0 if there is none
 * @param high the highest
 * @param counts images in each of {@link #BINS} equal parts of the range from low to high; empty if there is no score
 * @param failed images without a score
 * @param reasons why, the most frequent first, at most {@link #REASONS}
 */
public record RewardHistogram(
        String name, double low, double high, List<Integer> counts, int failed, List<Reason> reasons) {
    /** Parts of the range. */
    public static final int BINS = 24;

    /** Reasons that are kept. */
    static final int REASONS = 2;

    private static final int REASON_CHARACTERS = 200;

    public RewardHistogram {
        counts = List.copyOf(counts);
        reasons = List.copyOf(reasons);
    }

    /**
     * Why images could not be scored.
     *
     * @param text cut where it is long
     * @param count images with this reason
     */
    public record Reason(String text, int count) {}

    /** The histogram of some scores. */
    public static RewardHistogram of(String name, List<Score> scores) {
        double[] values =
                scores.stream().filter(Score::ok).mapToDouble(Score::value).toArray();
        Statistics range = Statistics.of(values);
        int[] counts = new int[values.length == 0 ? 0 : BINS];
        for (double value : values) {
            double place = range.max() == range.min() ? 0 : (value - range.min()) / (range.max() - range.min());
            counts[Math.min(BINS - 1, (int) (place * BINS))]++;
        }
        return new RewardHistogram(
                name,
                values.length == 0 ? 0 : range.min(),
                values.length == 0 ? 0 : range.max(),
                Arrays.stream(counts).boxed().toList(),
                scores.size() - values.length,
                reasons(scores));
    }

    private static List<Reason> reasons(List<Score> scores) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (Score score : scores) {
            String error = score.error();
            if (error != null) {
                counts.merge(ShortText.of(error, REASON_CHARACTERS), 1, Integer::sum);
            }
        }
        List<Reason> reasons = new ArrayList<>();
        counts.forEach((text, count) -> reasons.add(new Reason(text, count)));
        reasons.sort(Comparator.comparingInt(Reason::count).reversed());
        return reasons.subList(0, Math.min(REASONS, reasons.size()));
    }
}
