package org.imagerl.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Every letter is one wide. */
final class TextWrapTest {

    @Test
    void breaksAtSpaces() {
        assertThat(wrap("a sign that  says\n472", 3, 10)).containsExactly("a sign", "that says", "472");
    }

    @Test
    void fillsALineToItsLastLetter() {
        assertThat(wrap("abc def ghi", 3, 7)).containsExactly("abc def", "ghi");
    }

    @Test
    void breaksInsideAWordThatIsTooLong() {
        assertThat(wrap("abcdefgh ij", 3, 5)).containsExactly("abcde", "fgh", "ij");
    }

    @Test
    void endsWithAnEllipsisWhatDoesNotFit() {
        assertThat(wrap("one two three four", 2, 7)).containsExactly("one two", "three…");
        assertThat(wrap("abcdefgh", 1, 5)).containsExactly("abcd…");
    }

    @Test
    void neverCutsACodePoint() {
        assertThat(wrap("\ud83d\ude00\ud83d\ude00\ud83d\ude00", 3, 3)).allMatch(line -> line.length() % 2 == 0);
    }

    @Test
    void neverCutsALetterFromItsMarks() {
        String accents = "e\u0301e\u0301e\u0301"; // three letters, each with an accent
        assertThat(wrap(accents, 3, 3)).containsExactly("e\u0301", "e\u0301", "e\u0301");
        String family = "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67"; // one emoji of three people
        assertThat(wrap(family + family, 3, 8)).containsExactly(family, family);
    }

    @Test
    void breaksScriptsWithoutSpacesWhereTheyMayBreak() {
        // A full stop does not begin a line.
        assertThat(wrap("\u732b\u304c\u3044\u308b\u3002\u732b", 3, 4))
                .containsExactly("\u732b\u304c\u3044", "\u308b\u3002\u732b");
    }

    @Test
    void countsControlCharactersAsSpaces() {
        assertThat(wrap("a\u001b[31m\u0000b", 3, 20)).containsExactly("a [31m b");
    }

    @Test
    void endsEvenIfNoLetterFits() {
        assertThat(wrap("abc", 5, 0)).containsExactly("a", "b", "c");
    }

    @Test
    void hasNoLinesForNoText() {
        assertThat(wrap(" \n", 3, 10)).isEmpty();
    }

    private static List<String> wrap(String text, int maxLines, int width) {
        return TextWrap.wrap(text, maxLines, width, String::length);
    }
}
