package org.imagerl.rewards.ocr;

import java.text.Normalizer;

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
        int[] target = wanted.codePoints().toArray();
        return Math.min(levenshtein(read.codePoints().toArray(), target), target.length);
    }

    /** Least number of insertions, deletions and replacements that turn a into b. */
    static int levenshtein(int[] a, int[] b) {
        int[] above = new int[b.length + 1];
        for (int j = 0; j <= b.length; j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length; i++) {
            int[] row = new int[b.length + 1];
            row[0] = i;
            for (int j = 1; j <= b.length; j++) {
                int replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(above[j], row[j - 1]));
            }
            above = row;
        }
        return above[b.length];
    }
}
