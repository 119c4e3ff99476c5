package org.imagerl.scoring;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/** The rows of two files of results that belong together: by name, else by prompt; each row once, in the order of the first file. */
final class PairedScores {
    private final Path a;
    private final Path b;
    private final List<ScoreRow> rowsA;
    private final List<ScoreRow> rowsB;
    private final List<Rows> rows;

    private record Rows(ScoreRow a, ScoreRow b) {}

    /** Two images that belong together, and their scores by one reward. */
    record Pair(String nameA, String nameB, String prompt, double a, double b) {}

    /** A reward as each of the files names it. */
    record Names(String inA, String inB) {

        /** {@code NAME} or {@code NAME_IN_A:NAME_IN_B}. */
        static Names of(String text) {
            int colon = text.indexOf(':');
            return colon < 0 ? new Names(text, text) : new Names(text.substring(0, colon), text.substring(colon + 1));
        }

        @Override
        public String toString() {
            return inA.equals(inB) ? inA : inA + ":" + inB;
        }
    }

    private PairedScores(Path a, Path b, List<ScoreRow> rowsA, List<ScoreRow> rowsB, List<Rows> rows) {
        this.a = a;
        this.b = b;
        this.rowsA = rowsA;
        this.rowsB = rowsB;
        this.rows = rows;
    }

    /**
     * Reads both files.
     *
     * @throws UserException if one is no file of results, or no rows belong together
     */
    static PairedScores read(Path a, Path b) {
        List<ScoreRow> rowsA = rows(a);
        List<ScoreRow> rowsB = rows(b);
        List<Rows> rows = pair(rowsA, rowsB);
        if (rows.isEmpty()) {
            throw UserException.input(a + " and " + b + " have no image of the same name or prompt");
        }
        return new PairedScores(a, b, rowsA, rowsB, rows);
    }

    private static List<ScoreRow> rows(Path file) {
        List<ScoreRow> rows = new ArrayList<>();
        ScoreReader.read(file, rows::add);
        if (rows.isEmpty()) {
            throw UserException.input(file + ": has no results");
        }
        if (rows.get(0).values().isEmpty()) {
            throw UserException.input(file
                    + ": its first result has no reward; expected a number for each, as imagerl score writes them");
        }
        return rows;
    }

    private static List<Rows> pair(List<ScoreRow> rowsA, List<ScoreRow> rowsB) {
        Set<String> namesB = rowsB.stream().map(ScoreRow::name).collect(Collectors.toSet());
        boolean byName = rowsA.stream().map(ScoreRow::name).anyMatch(namesB::contains);
        Map<String, Deque<ScoreRow>> waiting = new HashMap<>();
        for (ScoreRow row : rowsB) {
            waiting.computeIfAbsent(byName ? row.name() : row.prompt(), key -> new ArrayDeque<>())
                    .add(row);
        }
        List<Rows> pairs = new ArrayList<>();
        for (ScoreRow row : rowsA) {
            Deque<ScoreRow> others = waiting.get(byName ? row.name() : row.prompt());
            if (others != null && !others.isEmpty()) {
                pairs.add(new Rows(row, others.remove()));
            }
        }
        return pairs;
    }

    /** How many rows of either file have no counterpart. */
    int unpaired() {
        return rowsA.size() + rowsB.size() - 2 * rows.size();
    }

    /**
     * The rewards to compare by.
     *
     * @param wanted {@code NAME}, {@code NAME_IN_A:NAME_IN_B}, or null for all that both files have
     * @throws UserException if there are none
     */
    List<Names> rewards(@Nullable String wanted) {
        Set<String> namesA = rowsA.get(0).values().keySet();
        Set<String> namesB = rowsB.get(0).values().keySet();
        if (wanted != null) {
            Names names = Names.of(wanted);
            if (!namesA.contains(names.inA) || !namesB.contains(names.inB)) {
                throw UserException.input(
                        "--reward " + wanted + ": " + a + " has " + namesA + ", " + b + " has " + namesB);
            }
            return List.of(names);
        }
        List<Names> common =
                namesA.stream().filter(namesB::contains).map(Names::of).toList();
        if (common.isEmpty()) {
            throw UserException.input("no reward is in both: " + a + " has " + namesA + ", " + b + " has " + namesB
                    + "; name one of each: --reward " + namesA.iterator().next() + ":"
                    + namesB.iterator().next());
        }
        return common;
    }

    /** The pairs in which both have a score. */
    List<Pair> pairs(Names names) {
        List<Pair> scored = new ArrayList<>();
        for (Rows row : rows) {
            double scoreA = row.a.values().getOrDefault(names.inA, Double.NaN);
            double scoreB = row.b.values().getOrDefault(names.inB, Double.NaN);
            if (Score.isUsable(scoreA) && Score.isUsable(scoreB)) {
                scored.add(new Pair(row.a.name(), row.b.name(), row.a.prompt(), scoreA, scoreB));
            }
        }
        return scored;
    }

    /** How many rows of pairs hold a number that cannot be a score, in either file: they count as failed. */
    int unusable(Names names) {
        return (int) rows.stream()
                .flatMapToDouble(row -> DoubleStream.of(
                        row.a.values().getOrDefault(names.inA, Double.NaN),
                        row.b.values().getOrDefault(names.inB, Double.NaN)))
                .filter(value -> !Double.isNaN(value) && !Score.isUsable(value))
                .count();
    }

    /** Whether better images have higher scores, as far as the header of the second file knows. */
    boolean higherIsBetter(Names names) {
        ScoreHeader header = ScoreHeader.read(b);
        return header == null || header.higherIsBetter(names.inB);
    }
}
