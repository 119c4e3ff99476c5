package org.imagerl.images.text;

import java.text.Normalizer;

/**
 * Removes the differences that do not count when texts are compared. Texts are composed first (NFC): {@code CAFÉ} is
 * the same with an É of one code point and of two. Full width and half width, ligatures, ß and ss, ı and i stay
 * different.
 *
 * @param ignoreCase whether both are in lower case, letter by letter and the same in all languages: İ and I become i, ς
 *     becomes σ
 * @param ignoreSpaces whether both lose their spaces (U+0020 only)
 */
public record TextFolding(boolean ignoreCase, boolean ignoreSpaces) {

    /** A text as it is compared. */
    public String fold(String text) {
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
