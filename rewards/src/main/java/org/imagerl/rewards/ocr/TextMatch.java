package org.imagerl.rewards.ocr;

import org.apache.commons.text.similarity.LevenshteinDistance;
import org.apache.commons.text.similarity.SimilarityInput;
import org.imagerl.images.text.TextFolding;

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
     * Compares.
     *
     * @param target not empty when folded
     */
    static TextMatch of(String read, String target, TextFolding folding) {
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
