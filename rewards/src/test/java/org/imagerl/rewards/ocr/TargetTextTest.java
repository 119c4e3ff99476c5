package org.imagerl.rewards.ocr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TargetTextTest {
    private static final TextMatch.Folding FOLDING = new TextMatch.Folding(true, true);
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
        skip.check(prompt); // no mistake, but its pictures have no score
        assertThatThrownBy(() -> skip.of(prompt)).isInstanceOf(UserException.class);
    }
}
