package org.imagerl.spi.io;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** The known name that was probably meant. */
public final class Nearest {
    /** Longer names are compared by nobody: the cost is the product of the lengths. */
    private static final int MAX_CHARACTERS = 512;

    private Nearest() {}

    /** The candidate with the fewest edits, if those are at most a third of the word (and at least one is allowed). */
    public static Optional<String> to(String word, Collection<String> candidates) {
        record Candidate(String name, int distance) {}
        int allowed = Math.max(1, word.length() / 3);
        return candidates.stream()
                .filter(name -> word.length() <= MAX_CHARACTERS && Math.abs(name.length() - word.length()) <= allowed)
                .map(name -> new Candidate(name, distance(word, name)))
                .filter(candidate -> candidate.distance() <= allowed)
                .min(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::name))
                .map(Candidate::name);
    }

    /** {@code "; did you mean X?"}, or nothing. */
    public static String hint(String word, Collection<String> candidates) {
        return to(word, candidates).map(name -> "; did you mean " + name + "?").orElse("");
    }

    /** Levenshtein distance in UTF-16 units; swapping two neighbours counts as one edit. */
    static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                d[i][j] = i == 0 || j == 0 ? i + j : edits(d, a, b, i, j);
            }
        }
        return d[a.length()][b.length()];
    }

    private static int edits(int[][] d, String a, String b, int i, int j) {
        int change = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int best = Math.min(change, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(best, d[i - 2][j - 2] + 1) : best;
    }
}
