package org.imagerl.spi.io;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.text.similarity.DamerauLevenshteinDistance;

/** The known name that was probably meant. */
public final class Nearest {
    /** Longer names are compared by nobody: the cost is the product of the lengths. */
    private static final int MAX_CHARACTERS = 512;

    /** What the distance is when there are more edits than allowed. */
    private static final int NOT_ALIKE = -1;

    /** Fewer letters begin too many words. */
    private static final int MIN_BEGINNING = 3;

    private Nearest() {}

    /**
     * The candidate with the fewest edits, if those are at most a third of the word (and at least one is allowed); else the only candidate that
     * begins with the word. Swapping two neighbours counts as one edit. Upper case and lower case, {@code _} and {@code -} are the same.
     */
    public static Optional<String> to(String word, Collection<String> candidates) {
        int allowed = Math.max(1, word.length() / 3);
        String folded = folded(word);
        DamerauLevenshteinDistance distance = new DamerauLevenshteinDistance(allowed);
        Optional<String> alike = candidates.stream()
                .filter(name -> word.length() <= MAX_CHARACTERS && distance.apply(folded, folded(name)) != NOT_ALIKE)
                .min(Comparator.<String>comparingInt(name -> distance.apply(folded, folded(name)))
                        .thenComparing(Comparator.naturalOrder()));
        return alike.or(() -> onlyOneBeginningWith(folded, candidates));
    }

    /** The candidates with the fewest edits, however many those are. */
    public static List<String> few(String word, Collection<String> candidates, int count) {
        String folded = folded(word.substring(0, Math.min(MAX_CHARACTERS, word.length())));
        DamerauLevenshteinDistance distance = new DamerauLevenshteinDistance();
        return candidates.stream()
                .sorted(Comparator.<String>comparingInt(name -> distance.apply(folded, folded(name)))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(count)
                .toList();
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
}
