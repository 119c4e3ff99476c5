package org.imagerl.spi.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuoteTest {

    @Test
    void escapesWhatATerminalObeysAndWhatTurnsLettersRound() {
        assertThat(Quote.of("a\u001b[31mb\u009bc\r\n")).isEqualTo("\"a\\u001b[31mb\\u009bc\\u000d\\u000a\"");
        assertThat(Quote.of("a\u202eb\u2028c\u2029d")).isEqualTo("\"a\\u202eb\\u2028c\\u2029d\"");
    }

    @Test
    void escapesInvisibleCharactersBeyondTheBasicPlaneAndHalvesOfPairs() {
        assertThat(Quote.plain("x" + Character.toString(0xE0041))).isEqualTo("x\\ue0041");
        assertThat(Quote.plain("x\ud83d")).isEqualTo("x\\ud83d");
    }

    @Test
    void leavesLettersOfAllLanguagesAndSymbolsAsTheyAre() {
        assertThat(Quote.plain("Grüße, 写真, קול, \ud83d\ude00")).isEqualTo("Grüße, 写真, קול, \ud83d\ude00");
    }

    @Test
    void cutsLongTextsInTheMiddleWithoutCuttingAPair() {
        assertThat(Quote.of("a".repeat(100) + "b".repeat(100)))
                .isEqualTo("\"" + "a".repeat(80) + "..." + "b".repeat(80) + "\"");
        assertThat(Quote.of("a".repeat(79) + "\ud83d\ude00".repeat(50) + "b".repeat(79)))
                .isEqualTo("\"" + "a".repeat(79) + "..." + "b".repeat(79) + "\"");
    }

    @Test
    void keepsLinesOfWholeMessages() {
        assertThat(Quote.lines("one\n\ttwo\u001b\r")).isEqualTo("one\n\ttwo\\u001b\\u000d");
    }

    @Test
    void escapesTheQuotesOfATextThatIsQuoted() {
        assertThat(Quote.of("a sign that says \"472\"")).isEqualTo("\"a sign that says \\\"472\\\"\"");
        assertThat(Quote.plain("says \"472\"")).isEqualTo("says \"472\"");
    }
}
