package org.imagerl.scoring;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.imagerl.scoring.PairedScores.Pair;
import org.imagerl.scoring.reward.Statistics;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * Two files of results against each other: images of one name (of two generators) or the same images (by two scorers). Images
 * without a counterpart of their name are paired by prompt, in their order.
 *
 * @param a the one
 * @param b the other, which wins or loses
 * @param unpaired images of either without a counterpart
 * @param lines a line per reward
 */
public record Comparison(Path a, Path b, int unpaired, List<Line> lines) {
    /** Of the normal distribution, for 95 %. */
    private static final double Z = 1.959963984540054;

    /** Within a group of more images pairs are not counted: their number grows with the square. */
    private static final int MAX_GROUP = 20_000;

    /**
     * One reward.
     *
     * @param reward its name; {@code a:b} if the files name it differently
     * @param n pairs with both scores; if there are none, the other numbers are NaN
     * @param unusable numbers in the files that cannot be scores (beyond {@link Score#LIMIT}), which count as failed
     * @param meanA mean of the one
     * @param meanB mean of the other
     * @param wins pairs in which b is better
     * @param losses pairs in which a is better; the rest are ties
     * @param winRate wins and half of the ties as a share of all pairs
     * @param low lower end of its 95 % confidence interval (Wilson's, ties as half a win each)
     * @param high upper end
     * @param pairwiseAccuracy share of pairs of images of one prompt that a and b put in the same order; of all images if no prompt
     *     has two
     * @param orderedPairs number of these pairs
     * @param spearman rank correlation of the scores
     * @param pearson linear correlation of the scores
     */
    public record Line(
            String reward,
            int n,
            int unusable,
            double meanA,
            double meanB,
            int wins,
            int losses,
            double winRate,
            double low,
            double high,
            double pairwiseAccuracy,
            long orderedPairs,
            double spearman,
            double pearson) {

        /** For people. */
        String text() {
            String failed = unusable == 0
                    ? ""
                    : String.format(
                            Locale.ROOT, "  %d numbers are beyond %.0e and count as failed%n", unusable, Score.LIMIT);
            if (n == 0) {
                return String.format(Locale.ROOT, "%s: no image has a score in both files%n", reward) + failed;
            }
            return String.format(
                            Locale.ROOT,
                            "%s, %d pairs: mean %.4g -> %.4g; the second wins %.1f %% (95 %% confidence %.1f to %.1f; %d better,"
                                    + " %d worse, %d equal)%n",
                            reward,
                            n,
                            meanA,
                            meanB,
                            100 * winRate,
                            100 * low,
                            100 * high,
                            wins,
                            losses,
                            n - wins - losses)
                    + order()
                    + failed;
        }

        private String order() {
            String pairs = orderedPairs == 0
                    ? "no two images that both files put in an order"
                    : String.format(
                            Locale.ROOT,
                            "same order in %.1f %% of %d pairs of images",
                            100 * pairwiseAccuracy,
                            orderedPairs);
            String correlation = Double.isNaN(pearson)
                    ? "no correlation, because the scores of one file are all equal"
                    : String.format(Locale.ROOT, "Spearman %.3f, Pearson %.3f", spearman, pearson);
            return "  " + pairs + "; " + correlation + System.lineSeparator();
        }
    }

    /**
     * Compares.
     *
     * @param reward {@code NAME}, {@code NAME_IN_A:NAME_IN_B}, or null for all that both have
     * @throws UserException if there is nothing in common
     */
    public static Comparison of(Path a, Path b, @Nullable String reward) {
        PairedScores scores = PairedScores.read(a, b);
        List<Line> lines = new ArrayList<>();
        for (PairedScores.Names names : scores.rewards(reward)) {
            lines.add(
                    line(names.toString(), scores.pairs(names), scores.unusable(names), scores.higherIsBetter(names)));
        }
        return new Comparison(a, b, scores.unpaired(), lines);
    }

    private static Line line(String reward, List<Pair> pairs, int unusable, boolean higherIsBetter) {
        double[] a = pairs.stream().mapToDouble(Pair::a).toArray();
        double[] b = pairs.stream().mapToDouble(Pair::b).toArray();
        int sign = higherIsBetter ? 1 : -1;
        int wins = (int) pairs.stream().filter(p -> sign * (p.b() - p.a()) > 0).count();
        int losses =
                (int) pairs.stream().filter(p -> sign * (p.b() - p.a()) < 0).count();
        int n = pairs.size();
        double rate = (wins + (n - wins - losses) / 2.0) / n;
        double[] interval = wilson(rate, n);
        RankCorrelation.Pairs order = inGroups(pairs);
        return new Line(
                reward,
                n,
                unusable,
                Statistics.of(a).mean(),
                Statistics.of(b).mean(),
                wins,
                losses,
                rate,
                interval[0],
                interval[1],
                order.accuracy(),
                order.pairs(),
                RankCorrelation.spearman(a, b),
                RankCorrelation.pearson(a, b));
    }

    /**
     * The 95 % score interval of a share (Wilson, "Probable inference, the law of succession, and statistical inference", 1927).
     *
     * @return lower and upper end
     */
    static double[] wilson(double share, int n) {
        double centre = (share + Z * Z / (2 * n)) / (1 + Z * Z / n);
        double half = Z / (1 + Z * Z / n) * Math.sqrt(share * (1 - share) / n + Z * Z / (4.0 * n * n));
        return new double[] {centre - half, centre + half};
    }

    private static RankCorrelation.Pairs inGroups(List<Pair> pairs) {
        Map<String, List<Pair>> groups = new LinkedHashMap<>();
        pairs.forEach(pair -> groups.computeIfAbsent(pair.prompt(), prompt -> new ArrayList<>())
                .add(pair));
        boolean alone = groups.size() == pairs.size();
        RankCorrelation.Pairs sum = new RankCorrelation.Pairs(0, 0);
        for (List<Pair> group : alone ? List.of(pairs) : List.copyOf(groups.values())) {
            if (group.size() <= MAX_GROUP) {
                sum = sum.plus(RankCorrelation.Pairs.of(
                        group.stream().mapToDouble(Pair::a).toArray(),
                        group.stream().mapToDouble(Pair::b).toArray()));
            }
        }
        return sum;
    }

    /**
     * Two images that belong together, and their scores.
     *
     * @param nameA of the image in the one file
     * @param nameB in the other
     * @param prompt of the one
     * @param a the score of the one
     * @param b the score of the other
     */
    public record Extreme(String nameA, String nameB, String prompt, double a, double b) {}

    /**
     * The pairs that differ most in the first reward: first those that b wins, then those that it loses. Both files are read again.
     *
     * @param count pairs of each kind, at most
     */
    public List<Extreme> extremes(int count) {
        PairedScores scores = PairedScores.read(a, b);
        PairedScores.Names names = PairedScores.Names.of(lines.get(0).reward());
        int sign = scores.higherIsBetter(names) ? 1 : -1;
        List<Extreme> pairs = scores.pairs(names).stream()
                .sorted(Comparator.comparingDouble(pair -> sign * (pair.a() - pair.b())))
                .map(pair -> new Extreme(pair.nameA(), pair.nameB(), pair.prompt(), pair.a(), pair.b()))
                .toList();
        int shown = Math.min(count, (pairs.size() + 1) / 2);
        List<Extreme> chosen = new ArrayList<>(pairs.subList(0, shown));
        chosen.addAll(pairs.subList(Math.max(shown, pairs.size() - shown), pairs.size()));
        return chosen;
    }

    /** A table for people. */
    public String table() {
        StringBuilder table = new StringBuilder();
        for (Line line : lines) {
            table.append(line.text());
        }
        if (unpaired > 0) {
            table.append(unpaired).append(" images have no counterpart").append(System.lineSeparator());
        }
        return table.toString();
    }
}
