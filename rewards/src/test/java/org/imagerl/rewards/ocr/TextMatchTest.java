package org.imagerl.rewards.ocr;

import static org.assertj.core.api.Assertions.assertThat;

import org.imagerl.images.text.TextFolding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TextMatchTest {
    private static final TextFolding ALL = new TextFolding(true, true);

    @ParameterizedTest
    @CsvSource({
        "472, 472, 0, 1",
        "47, 472, 1, 0.6666666666666667",
        "'', 472, 3, 0",
        "4727, 472, 0, 1", // contains
        "x4y7z2, 472, 3, 0", // Levenshtein 3
        "an entirely different and long text, ab, 2, 0", // never below 0
        "FLOW  grpo, Flow GRPO, 0, 1", // case and spaces
        "straße, STRASSE, 2, 0.7142857142857143", // lower case does not expand
        "I, ı, 1, 0", // nor does it depend on the language of the machine
        "\ud83d\ude00a, \ud83d\ude00b, 1, 0.5", // an emoji is one letter
    })
    void countsTheLettersThatAreWrong(String read, String target, int distance, double reward) {
        TextMatch match = TextMatch.of(read, target, ALL);
        assertThat(match.distance()).isEqualTo(distance);
        assertThat(match.reward()).isEqualTo(reward);
    }

    @ParameterizedTest
    @CsvSource({"kitten, sitting, 3", "flaw, lawn, 2", "'', abc, 3", "abc, abc, 0", "ab, ba, 2", "abcdefgh, xbcdef, 3"})
    void findsTheLevenshteinDistance(String read, String target, int distance) {
        assertThat(TextMatch.of(read, target, ALL).distance()).isEqualTo(distance);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
        'a b', ab
        'A\u00a0B', 'a\u00a0b'
        """)
    void foldsOnlyPlainSpaces(String text, String folded) {
        assertThat(ALL.fold(text)).isEqualTo(folded);
    }

    @Test
    void caseAndSpacesCountIfAsked() {
        assertThat(TextMatch.of("flow grpo", "Flow GRPO", new TextFolding(false, true))
                        .distance())
                .isEqualTo(5);
        assertThat(TextMatch.of("Flow  GRPO", "Flow GRPO", new TextFolding(true, false))
                        .distance())
                .isEqualTo(1);
        assertThat(TextMatch.of("4727", "472", ALL).exact()).isFalse();
        assertThat(TextMatch.of("4 72", "472", ALL).exact()).isTrue();
    }

    private static boolean same(String read, String target) {
        return TextMatch.of(read, target, new TextFolding(true, true)).exact();
    }

    @Test
    void composedAndDecomposedLettersAreTheSame() {
        assertThat(same("CAFE\u0301", "CAF\u00c9")).isTrue();
        assertThat(same("caf\u00e9", "CAFE\u0301")).isTrue();
        assertThat(TextMatch.of("CAF\u00c9", "CAFE\u0301", new TextFolding(false, false))
                        .exact())
                .isTrue();
        assertThat(TextMatch.of("CAF", "CAFE\u0301", new TextFolding(true, true))
                        .reward())
                .isEqualTo(0.75);
        assertThat(same("\uac00", "\u1100\u1161")).as("Hangul").isTrue();
    }

    @Test
    void caseIsFoldedLetterByLetterInAllLanguagesAlike() {
        assertThat(same("\u0130STANBUL", "istanbul")).as("dotted I").isTrue();
        assertThat(same("\u1e9e", "\u00df")).as("capital sharp s").isTrue();
        assertThat(same("\u039f\u0394\u039f\u03a3", "\u03bf\u03b4\u03bf\u03c2"))
                .as("final sigma")
                .isTrue();
        assertThat(TextMatch.of(
                                "\u039f\u0394\u039f\u03a3\u0391",
                                "\u03bf\u03b4\u03bf\u03c2",
                                new TextFolding(true, true))
                        .reward())
                .as("contained")
                .isEqualTo(1);
    }

    @Test
    void whatLooksAlikeAndIsNotTheSameStaysDifferent() {
        assertThat(same("STRASSE", "stra\u00dfe")).isFalse();
        assertThat(same("\u0131", "i")).as("dotless i").isFalse();
        assertThat(same("\uff21\uff22", "AB")).as("full width").isFalse();
        assertThat(same("\ufb01", "fi")).as("ligature").isFalse();
    }
}
