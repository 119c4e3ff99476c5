package org.imagerl.toolkit.safetensors;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** The known name that a wrong one was probably meant to be. */
public final class Nearest {
    /** Longer names are compared by nobody: the cost is the product of the lengths, and no model has any. */
    private static final int MAX_CHARACTERS = 512;

    private Nearest() {}

    /** The candidate with the smallest edit distance, of equals the first in order; empty if none is at all alike. */
    public static Optional<String> to(String name, Collection<String> candidates) {
        if (name.length() > MAX_CHARACTERS) {
            return Optional.empty();
        }
        record Candidate(String name, int distance) {}
        int limit = Math.max(2, name.length() / 2);
        return candidates.stream()
                .filter(candidate -> Math.abs(candidate.length() - name.length()) <= limit)
                .filter(candidate -> candidate.length() <= MAX_CHARACTERS)
                .map(candidate -> new Candidate(candidate, distance(name, candidate)))
                .filter(candidate -> candidate.distance() <= limit)
                .min(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::name))
                .map(Candidate::name);
    }

    /** {@code "; did you mean NAME?"}, or nothing if no candidate is alike. */
    public static String hint(String name, Collection<String> candidates) {
        return to(name, candidates)
                .map(near -> "; did you mean " + Quote.of(near) + "?")
                .orElse("");
    }

    /** Levenshtein distance: the least number of characters to insert, delete or replace. */
    static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        int[] current = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replace = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replace, 1 + Math.min(previous[j], current[j - 1]));
            }
            int[] spare = previous;
            previous = current;
            current = spare;
        }
        return previous[b.length()];
    }
}
