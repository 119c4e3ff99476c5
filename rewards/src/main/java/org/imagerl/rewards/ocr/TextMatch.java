package org.imagerl.rewards.ocr;

import java.text.Normalizer;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.apache.commons.text.similarity.SimilarityInput;

/**
 * How well a text that was read matches the text asked for.
 *
 * <pre>
 * distance = 0 if read contains target, else min(Levenshtein(read, target), |target|)
 * reward   = 1 - distance / |target|
 * </pre>
 *
 * Both are folded first; lengths and distances count code points.
 *
 * @param distance 0 to the length of the target
 * @param reward 0 to 1
 * @param exact whether nothing but the target was read
 */
record TextMatch(int distance, double reward, boolean exact) {

    /**
     * What does not count when texts are compared. Texts are composed first (NFC): {@code CAFÉ} is the same with an É of one code point
     * and of two. Full width and half width, ligatures, ß and ss, ı and i stay different.
     *
     * @param ignoreCase whether both are in lower case, letter by letter and the same in all languages: İ and I become i, ς becomes σ
     * @param ignoreSpaces whether both lose their spaces (U+0020 only)
     */
    record Folding(boolean ignoreCase, boolean ignoreSpaces) {

        /** A text as it is compared. */
        String fold(String text) {
            String composed = Normalizer.normalize(text, Normalizer.Form.NFC);
            String spaced = ignoreSpaces ? composed.replace(" ", "") : composed;
            return ignoreCase ? lower(spaced) : spaced;
        }

        /** Not {@link String#toLowerCase}: that looks at the letters around, so that ΟΔΟΣ would not be found in ΟΔΟΣΑ. */
        private static String lower(String text) {
            int[] letters = text.codePoints()
                    .map(Character::toLowerCase)
                    .map(letter -> letter == 'ς' ? 'σ' : letter)
                    .toArray();
            return Normalizer.normalize(new String(letters, 0, letters.length), Normalizer.Form.NFC);
        }
    }

    /**
     * Compares.
     *
     * @param target not empty when folded
     */
    static TextMatch of(String read, String target, Folding folding) {
        String wanted = folding.fold(target);
        String found = folding.fold(read);
        int length = wanted.codePointCount(0, wanted.length());
        int distance = distance(found, wanted);
        return new TextMatch(distance, 1 - (double) distance / length, found.equals(wanted));
    }

    private static int distance(String read, String wanted) {
        if (read.contains(wanted)) {
            return 0;
        }
        Letters target = new Letters(wanted.codePoints().toArray());
        Letters found = new Letters(read.codePoints().toArray());
        return Math.min(LevenshteinDistance.getDefaultInstance().apply(found, target), target.length());
    }

    /** Code points: an emoji is one letter. */
    private record Letters(int... codePoints) implements SimilarityInput<Integer> {
        @Override
        public Integer at(int index) {
            return codePoints[index];
        }

        @Override
        public int length() {
            return codePoints.length;
        }
    }
}
