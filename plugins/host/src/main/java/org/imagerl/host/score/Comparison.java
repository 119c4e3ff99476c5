package org.imagerl.host.score;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.imagerl.images.ContactSheet;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * Two files of results against each other: pictures of one name (of two generators) or the same pictures (by two scorers). Pictures
 * without a counterpart of their name are paired by prompt, in their order.
 *
 * @param a the one
 * @param b the other, which wins or loses
 * @param unpaired pictures of either without a counterpart
 * @param lines a line per reward
 */
public record Comparison(Path a, Path b, int unpaired, List<Line> lines) {
    /** Of the normal distribution, for 95 %. */
    private static final double Z = 1.959963984540054;

    /** Within a group of more pictures pairs are not counted: their number grows with the square. */
    private static final int MAX_GROUP = 20_000;

    /** Two pictures that belong together, and their scores by one reward. */
    private record Pair(String nameA, String nameB, String prompt, double a, double b) {}

    /**
     * One reward.
     *
     * @param reward its name; {@code a:b} if the files name it differently
     * @param n pairs with both scores
     * @param meanA mean of the one
     * @param meanB mean of the other
     * @param wins pairs in which b is better
     * @param losses pairs in which a is better; the rest are ties
     * @param winRate wins and half of the ties as a share of all pairs
     * @param low lower end of its 95 % confidence interval (Wilson's, ties as half a win each)
     * @param high upper end
     * @param pairwiseAccuracy share of pairs of pictures of one prompt that a and b put in the same order; of all pictures if no prompt
     *     has two
     * @param orderedPairs number of these pairs
     * @param spearman rank correlation of the scores
     * @param pearson linear correlation of the scores
     */
    public record Line(
            String reward,
            int n,
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
            double pearson) {}

    /**
     * Compares.
     *
     * @param reward {@code NAME}, {@code NAME_IN_A:NAME_IN_B}, or null for all that both have
     * @throws UserException if there is nothing in common
     */
    public static Comparison of(Path a, Path b, @Nullable String reward) {
        List<ScoreRow> rowsA = rows(a);
        List<ScoreRow> rowsB = rows(b);
        List<ScoreRow[]> pairs = pair(rowsA, rowsB);
        if (pairs.isEmpty()) {
            throw UserException.input(a + " and " + b + " have no picture of the same name or prompt");
        }
        List<Line> lines = new ArrayList<>();
        for (String[] names : rewards(a, b, rowsA, rowsB, reward)) {
            lines.add(line(names, scored(pairs, names), higherIsBetter(b, names[1])));
        }
        return new Comparison(a, b, rowsA.size() + rowsB.size() - 2 * pairs.size(), lines);
    }

    private static List<ScoreRow> rows(Path file) {
        List<ScoreRow> rows = new ArrayList<>();
        ScoreReader.read(file, rows::add);
        if (rows.isEmpty()) {
            throw UserException.input(file + ": has no results");
        }
        return rows;
    }

    private static boolean higherIsBetter(Path scores, String reward) {
        ScoreHeader header = ScoreHeader.read(scores);
        return header == null || header.higherIsBetter(reward);
    }

    /** The names of each reward in both files. */
    private static List<String[]> rewards(
            Path a, Path b, List<ScoreRow> rowsA, List<ScoreRow> rowsB, @Nullable String wanted) {
        var namesA = rowsA.get(0).values().keySet();
        var namesB = rowsB.get(0).values().keySet();
        if (wanted == null) {
            List<String[]> common = namesA.stream()
                    .filter(namesB::contains)
                    .map(name -> new String[] {name, name})
                    .toList();
            if (common.isEmpty()) {
                throw UserException.input("no reward is in both: " + a + " has " + namesA + ", " + b + " has " + namesB
                        + "; name one of each: --reward " + namesA.iterator().next() + ":"
                        + namesB.iterator().next());
            }
            return common;
        }
        String[] names = wanted.contains(":") ? wanted.split(":", 2) : new String[] {wanted, wanted};
        if (!namesA.contains(names[0]) || !namesB.contains(names[1])) {
            throw UserException.input("--reward " + wanted + ": " + a + " has " + namesA + ", " + b + " has " + namesB);
        }
        return List.<String[]>of(names);
    }

    /** Rows that belong together: by name, else by prompt; each row once, in the order of a. */
    private static List<ScoreRow[]> pair(List<ScoreRow> rowsA, List<ScoreRow> rowsB) {
        Set<String> namesB = rowsB.stream().map(ScoreRow::name).collect(Collectors.toSet());
        boolean byName = rowsA.stream().map(ScoreRow::name).anyMatch(namesB::contains);
        Map<String, Deque<ScoreRow>> waiting = new HashMap<>();
        for (ScoreRow row : rowsB) {
            waiting.computeIfAbsent(byName ? row.name() : row.prompt(), key -> new ArrayDeque<>())
                    .add(row);
        }
        List<ScoreRow[]> pairs = new ArrayList<>();
        for (ScoreRow row : rowsA) {
            Deque<ScoreRow> others = waiting.get(byName ? row.name() : row.prompt());
            if (others != null && !others.isEmpty()) {
                pairs.add(new ScoreRow[] {row, others.remove()});
            }
        }
        return pairs;
    }

    private static List<Pair> scored(List<ScoreRow[]> pairs, String[] names) {
        List<Pair> scored = new ArrayList<>();
        for (ScoreRow[] pair : pairs) {
            double a = pair[0].values().getOrDefault(names[0], Double.NaN);
            double b = pair[1].values().getOrDefault(names[1], Double.NaN);
            if (!Double.isNaN(a) && !Double.isNaN(b)) {
                scored.add(new Pair(pair[0].name(), pair[1].name(), pair[0].prompt(), a, b));
            }
        }
        return scored;
    }

    private static Line line(String[] names, List<Pair> pairs, boolean higherIsBetter) {
        double[] a = pairs.stream().mapToDouble(Pair::a).toArray();
        double[] b = pairs.stream().mapToDouble(Pair::b).toArray();
        int sign = higherIsBetter ? 1 : -1;
        int wins = (int) pairs.stream().filter(p -> sign * (p.b - p.a) > 0).count();
        int losses = (int) pairs.stream().filter(p -> sign * (p.b - p.a) < 0).count();
        int n = pairs.size();
        double rate = (wins + (n - wins - losses) / 2.0) / n;
        double[] interval = wilson(rate, n);
        Ranks.Pairs order = inGroups(pairs);
        return new Line(
                names[0].equals(names[1]) ? names[0] : names[0] + ":" + names[1],
                n,
                Arrays.stream(a).average().orElse(Double.NaN),
                Arrays.stream(b).average().orElse(Double.NaN),
                wins,
                losses,
                rate,
                interval[0],
                interval[1],
                order.accuracy(),
                order.pairs(),
                Ranks.spearman(a, b),
                Ranks.pearson(a, b));
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

    private static Ranks.Pairs inGroups(List<Pair> pairs) {
        Map<String, List<Pair>> groups = new LinkedHashMap<>();
        pairs.forEach(pair ->
                groups.computeIfAbsent(pair.prompt, prompt -> new ArrayList<>()).add(pair));
        boolean alone = groups.size() == pairs.size();
        Ranks.Pairs sum = new Ranks.Pairs(0, 0);
        for (List<Pair> group : alone ? List.of(pairs) : List.copyOf(groups.values())) {
            if (group.size() <= MAX_GROUP) {
                sum = sum.plus(Ranks.Pairs.of(
                        group.stream().mapToDouble(Pair::a).toArray(),
                        group.stream().mapToDouble(Pair::b).toArray()));
            }
        }
        return sum;
    }

    /** A table for people. */
    public String table() {
        StringBuilder table = new StringBuilder();
        for (Line line : lines) {
            table.append(String.format(
                    Locale.ROOT,
                    "%s, %d pairs: mean %.4g -> %.4g; the second wins %.1f %% (95 %% confidence %.1f to %.1f; %d better, %d"
                            + " worse, %d equal)%n",
                    line.reward,
                    line.n,
                    line.meanA,
                    line.meanB,
                    100 * line.winRate,
                    100 * line.low,
                    100 * line.high,
                    line.wins,
                    line.losses,
                    line.n - line.wins - line.losses));
            table.append(String.format(
                    Locale.ROOT,
                    "  same order in %.1f %% of %d pairs of pictures; Spearman %.3f, Pearson %.3f%n",
                    100 * line.pairwiseAccuracy,
                    line.orderedPairs,
                    line.spearman,
                    line.pearson));
        }
        if (unpaired > 0) {
            table.append(unpaired).append(" pictures have no counterpart").append(System.lineSeparator());
        }
        return table.toString();
    }

    /**
     * Writes the pairs that differ most, as a sheet of a and b beside each other: first those that b wins, then those that it loses.
     *
     * @param count pairs of each kind, at most
     * @throws UserException if a header or a picture is missing
     */
    public void writeSheet(Path target, int count) {
        String[] names = lines.get(0).reward.contains(":")
                ? lines.get(0).reward.split(":", 2)
                : new String[] {lines.get(0).reward, lines.get(0).reward};
        int sign = higherIsBetter(b, names[1]) ? 1 : -1;
        List<Pair> pairs = scored(pair(rows(a), rows(b)), names).stream()
                .sorted(Comparator.comparingDouble((Pair p) -> sign * (p.a - p.b)))
                .toList();
        int shown = Math.min(count, (pairs.size() + 1) / 2);
        List<Pair> chosen = new ArrayList<>(pairs.subList(0, shown));
        chosen.addAll(pairs.subList(Math.max(shown, pairs.size() - shown), pairs.size()));
        Path folderA = pictures(a);
        Path folderB = pictures(b);
        List<ContactSheet.Cell> cells = new ArrayList<>();
        for (Pair pair : chosen) {
            cells.add(cell(folderA.resolve(pair.nameA), pair.prompt, pair.a));
            cells.add(cell(folderB.resolve(pair.nameB), pair.prompt, pair.b));
        }
        String title = names[0] + ": what the second file wins most, then what it loses most";
        List<String> headers = List.of(String.valueOf(a.getFileName()), String.valueOf(b.getFileName()));
        PngWriter.write(target, new ContactSheet(title, headers, 2, cells).render(), Map.of());
    }

    private static Path pictures(Path scores) {
        ScoreHeader header = ScoreHeader.read(scores);
        if (header == null) {
            throw UserException.input(ScoreHeader.file(scores)
                    + ": is not there, so it is not known where the pictures are; score them again");
        }
        Path source = header.pictures();
        return Files.isDirectory(source) ? source : source.resolveSibling(".");
    }

    private static ContactSheet.Cell cell(Path file, String prompt, double score) {
        return new ContactSheet.Cell(
                ImageDecoder.decode(file), List.of(String.format(Locale.ROOT, "%.4g", score), prompt));
    }
}
