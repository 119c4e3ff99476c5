package org.imagerl.scoring;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Count;
import org.imagerl.spi.text.Quote;

/**
 * How near a sum of rewards is to preferring another image: a diagnostic after Xu, The Policy Cliff: A Theoretical
 * Analysis of Reward-Policy Maps in Large Language Models, 2025, arXiv 2507.20150. The best policy jumps where two
 * images are equally good and the weights of the rewards move ever so little. Here nothing is trained again: the images
 * of each prompt that were scored are ranked again with one weight changed at a time.
 *
 * @param change of a weight, as a share of it
 * @param prompts those with at least two images
 * @param without images without a prompt or one of the rewards
 * @param lines one per reward
 */
public record RewardCliff(double change, int prompts, int without, List<Line> lines) {

    /**
     * What a change of the weight of one reward does.
     *
     * @param reward its name
     * @param weight in the sum
     * @param less with the weight times {@code 1 - change}
     * @param more with the weight times {@code 1 + change}
     * @param nearest median over prompts of the smallest change, as a share of the weight, at which another image is
     *     the best; infinite where no change of either sign does it, 0 where two images are the best already
     */
    public record Line(String reward, double weight, Effect less, Effect more, double nearest) {}

    /**
     * A change of the ranking.
     *
     * @param otherBest share of prompts whose best image is another, 0..1. Of equal ones the first is the best
     * @param tau Kendall's rank correlation of before and after over the pairs of images of a prompt that are equal in neither; -1..1, NaN where there are none
     */
    public record Effect(double otherBest, double tau) {}

    /**
     * Reads results and ranks them again.
     *
     * @param results of {@code imagerl score} with all the rewards
     * @param weights by reward, as in the configuration of a training
     * @param change above 0
     * @throws UserException if the results do not have the rewards, or no prompt has two images
     */
    public static RewardCliff of(Path results, Map<String, Double> weights, double change) {
        Map<String, List<double[]>> byPrompt = new LinkedHashMap<>();
        List<String> names = List.copyOf(weights.keySet());
        int[] without = {0};
        ScoreReader.read(results, row -> {
            require(results, row, names);
            double[] values = names.stream().mapToDouble(row.values()::get).toArray();
            if (row.prompt().isBlank() || Arrays.stream(values).anyMatch(Double::isNaN)) {
                without[0]++;
            } else {
                byPrompt.computeIfAbsent(row.prompt(), prompt -> new ArrayList<>())
                        .add(values);
            }
        });
        List<double[][]> groups = byPrompt.values().stream()
                .filter(images -> images.size() > 1)
                .map(images -> images.toArray(double[][]::new))
                .toList();
        if (groups.isEmpty()) {
            throw UserException.input(
                    results + ": has no prompt with two scored images, and nothing can be ranked; make more images of"
                            + " each prompt (imagerl sample --seeds 0-7)");
        }
        double[] own = names.stream().mapToDouble(weights::get).toArray();
        List<Line> lines = new ArrayList<>();
        for (int reward = 0; reward < own.length; reward++) {
            int each = reward;
            double[] distances = groups.stream()
                    .mapToDouble(group -> nearest(group, own, each))
                    .sorted()
                    .toArray();
            lines.add(new Line(
                    names.get(reward),
                    own[reward],
                    effect(groups, own, reward, 1 - change),
                    effect(groups, own, reward, 1 + change),
                    distances[(distances.length - 1) / 2]));
        }
        return new RewardCliff(change, groups.size(), without[0], List.copyOf(lines));
    }

    private static void require(Path results, ScoreRow row, List<String> names) {
        for (String name : names) {
            if (!row.values().containsKey(name)) {
                throw UserException.input(results + ": has no reward named " + Quote.of(name) + ", but "
                        + Quote.plain(String.join(", ", row.values().keySet())));
            }
        }
    }

    private static Effect effect(List<double[][]> groups, double[] weights, int reward, double factor) {
        double[] changed = weights.clone();
        changed[reward] *= factor;
        int others = 0;
        RankCorrelation.Pairs pairs = new RankCorrelation.Pairs(0, 0);
        for (double[][] group : groups) {
            double[] before = totals(group, weights);
            double[] after = totals(group, changed);
            others += best(before) == best(after) ? 0 : 1;
            pairs = pairs.plus(RankCorrelation.Pairs.of(before, after));
        }
        return new Effect((double) others / groups.size(), 2 * pairs.accuracy() - 1);
    }

    private static double[] totals(double[][] group, double[] weights) {
        double[] totals = new double[group.length];
        for (int i = 0; i < totals.length; i++) {
            for (int j = 0; j < weights.length; j++) {
                totals[i] += weights[j] * group[i][j];
            }
        }
        return totals;
    }

    private static int best(double[] totals) {
        int best = 0;
        for (int i = 1; i < totals.length; i++) {
            best = totals[i] > totals[best] ? i : best;
        }
        return best;
    }

    /** Image i becomes as good as the best one b where {@code R_b - R_i = change w (r_i - r_b)}. */
    private static double nearest(double[][] group, double[] weights, int reward) {
        double[] totals = totals(group, weights);
        int best = best(totals);
        double nearest = Double.POSITIVE_INFINITY;
        for (int i = 0; i < totals.length; i++) {
            double gained = weights[reward] * (group[i][reward] - group[best][reward]);
            if (i != best && totals[i] == totals[best]) {
                return 0;
            }
            if (i != best && gained != 0) {
                nearest = Math.min(nearest, Math.abs((totals[best] - totals[i]) / gained));
            }
        }
        return nearest;
    }

    /** A table for people. */
    public String table() {
        StringBuilder table = new StringBuilder();
        table.append(String.format(
                Locale.ROOT,
                "%-24s %8s %14s %14s %14s%n",
                "one weight changed",
                "weight",
                String.format(Locale.ROOT, "-%.3g %%", 100 * change),
                String.format(Locale.ROOT, "+%.3g %%", 100 * change),
                "nearest jump"));
        for (Line line : lines) {
            table.append(String.format(
                    Locale.ROOT,
                    "%-24s %8.3g %14s %14s %14s%n",
                    Quote.plain(line.reward),
                    line.weight,
                    text(line.less),
                    text(line.more),
                    Double.isInfinite(line.nearest)
                            ? "never"
                            : String.format(Locale.ROOT, "%.3g %%", 100 * line.nearest)));
        }
        return table + "share of " + Count.of(prompts, "prompt") + " with another best image, and Kendall's tau"
                + System.lineSeparator();
    }

    private static String text(Effect effect) {
        return String.format(Locale.ROOT, "%.3f %6.3f", effect.otherBest, effect.tau);
    }
}
