package org.imagerl.spi.io;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The known name that was probably meant. */
public final class Nearest {
    /** Longer names are compared by nobody: the cost is the product of the lengths. */
    private static final int MAX_CHARACTERS = 512;

    private Nearest() {}

    /** Fewer letters begin too many words. */
    private static final int MIN_BEGINNING = 3;

    /**
     * The candidate with the fewest edits, if those are at most a third of the word (and at least one is allowed); else the only candidate that
     * begins with the word. Upper case and lower case, {@code _} and {@code -} are the same.
     */
    public static Optional<String> to(String word, Collection<String> candidates) {
        record Candidate(String name, int distance) {}
        int allowed = Math.max(1, word.length() / 3);
        String folded = folded(word);
        Optional<String> alike = candidates.stream()
                .filter(name -> word.length() <= MAX_CHARACTERS && Math.abs(name.length() - word.length()) <= allowed)
                .map(name -> new Candidate(name, distance(folded, folded(name))))
                .filter(candidate -> candidate.distance() <= allowed)
                .min(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::name))
                .map(Candidate::name);
        return alike.or(() -> onlyOneBeginningWith(folded, candidates));
    }

    private static Optional<String> onlyOneBeginningWith(String folded, Collection<String> candidates) {
        List<String> begun = candidates.stream()
                .filter(name -> folded.length() >= MIN_BEGINNING && folded(name).startsWith(folded))
                .toList();
        return begun.size() == 1 ? Optional.of(begun.get(0)) : Optional.empty();
    }

    private static String folded(String word) {
        return word.toLowerCase(Locale.ROOT).replace('_', '-');
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
