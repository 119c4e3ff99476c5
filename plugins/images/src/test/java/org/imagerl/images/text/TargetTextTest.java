package org.imagerl.images.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TargetTextTest {
    private static final TextFolding FOLDING = new TextFolding(true, true);
    private static final TargetText TARGET =
            new TargetText(TargetText.Quotes.STRAIGHT, TargetText.Fallback.ERROR, FOLDING);

    @Test
    void isWhatStandsBetweenTheFirstQuotes() {
        assertThat(TARGET.of(Prompt.of("1", "a sign that says \"472\" next to \"no\"")))
                .isEqualTo("472");
    }

    @Test
    void isTheMetadataFieldIfThereIsOne() {
        assertThat(TARGET.of(new Prompt("1", "a \"quoted\" sign", Map.of("text", "472"))))
                .isEqualTo("472");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a sign", "a sign that says \"472", "a sign that says \"\"", "\" \"", ""})
    void mustBeThere(String prompt) {
        assertThatThrownBy(() -> TARGET.of(Prompt.of("p7", prompt)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("p7")
                .hasMessageContaining("a sign that says \"472\"")
                .hasMessageContaining("field text");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a sign \u201c472\u201d",
                "ein Schild \u201e472\u201c",
                "une pancarte \u00ab472\u00bb",
                "a sign '472' here",
                "\u300c472\u300d",
                "the cat's sign says \u2018472\u2019",
                "\"472\""
            })
    void otherQuotesCountIfAsked(String prompt) {
        TargetText any = new TargetText(TargetText.Quotes.ANY, TargetText.Fallback.ERROR, FOLDING);
        assertThat(any.of(Prompt.of("1", prompt))).isEqualTo("472");
        if (!prompt.contains("\"")) {
            assertThatThrownBy(() -> TARGET.of(Prompt.of("1", prompt))).isInstanceOf(UserException.class);
        }
    }

    @Test
    void theWholePromptOrNothingCanStandInForQuotes() {
        Prompt prompt = Prompt.of("1", "no parking");
        TargetText whole = new TargetText(TargetText.Quotes.STRAIGHT, TargetText.Fallback.PROMPT, FOLDING);
        assertThat(whole.of(prompt)).isEqualTo("no parking");
        whole.check(prompt);
        TargetText skip = new TargetText(TargetText.Quotes.STRAIGHT, TargetText.Fallback.SKIP, FOLDING);
        skip.check(prompt); // no mistake, but its images have no score
        assertThatThrownBy(() -> skip.of(prompt)).isInstanceOf(UserException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\uff02472\uff02",
                "\u300e472\u300f",
                "\u2039472\u203a",
                "\u203a472\u2039",
                "\u00bb472\u00ab",
                "\u201d472\u201d",
                "\u201e472\u201d",
                "\u201f472\u201d",
                "\uff62472\uff63",
                "\u301d472\u301f",
                "\u301d472\u301e",
                "\u275d472\u275e",
                "\u201a472\u2018",
                "\u201b472\u2019",
                "\u2019472\u2019",
                "\uff07472\uff07",
                "`472`",
                "``472``",
                "``472''",
                "`472'"
            })
    void theQuotesOfAllScriptsAreKnownByDefault(String quoted) {
        TargetText auto = new TargetText(TargetText.Quotes.AUTO, TargetText.Fallback.ERROR, FOLDING);
        TargetText any = new TargetText(TargetText.Quotes.ANY, TargetText.Fallback.ERROR, FOLDING);
        for (String prompt : new String[] {"a sign " + quoted + " here", quoted}) {
            assertThat(auto.of(Prompt.of("1", prompt))).isEqualTo("472");
            assertThat(any.of(Prompt.of("1", prompt))).isEqualTo("472");
        }
        assertThat(auto.of(Prompt.of("1", quoted + " and \"105\"")))
                .as("straight ones first")
                .isEqualTo("105");
        assertThat(any.of(Prompt.of("1", quoted + " and \"105\""))).isEqualTo("472");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "the cat's sign 'don't go' it's",
                "l'été dit 'don't go'",
                "d\u2019un panneau \u2018don't go\u2019",
                "the dogs' sign says 'don't go'",
                "rock'n'roll 'don't go'"
            })
    void anApostropheInAWordIsNoQuote(String prompt) {
        TargetText any = new TargetText(TargetText.Quotes.ANY, TargetText.Fallback.ERROR, FOLDING);
        assertThat(any.of(Prompt.of("1", prompt))).isEqualTo("don't go");
    }

    @ParameterizedTest
    @ValueSource(strings = {"the cat's sign isn't here", "l\u2019\u00e9t\u00e9 d\u2019un", "5' 6\" tall"})
    void marksWithoutAPartnerAreNone(String prompt) {
        TargetText auto = new TargetText(TargetText.Quotes.AUTO, TargetText.Fallback.ERROR, FOLDING);
        assertThatThrownBy(() -> auto.of(Prompt.of("1", prompt))).hasMessageContaining("no text between quotes");
    }

    @Test
    void aPromptIsQuotedInItsComplaint() {
        assertThatThrownBy(() -> TARGET.of(Prompt.of("1", "red\u001b[31m")))
                .hasMessageContaining("red\\u001b[31m")
                .hasMessageNotContaining("\u001b");
    }
}
