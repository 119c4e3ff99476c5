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

    @Test
    void isWhatStandsBetweenTheFirstQuotes() {
        assertThat(TargetText.of(Prompt.of("1", "a sign that says \"472\" next to \"no\"")))
                .isEqualTo("472");
    }

    @Test
    void isTheMetadataFieldIfThereIsOne() {
        assertThat(TargetText.of(new Prompt("1", "a \"quoted\" sign", Map.of("text", "472"))))
                .isEqualTo("472");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a sign", "a sign that says \"472", "a sign that says \"\"", "\" \"", ""})
    void mustBeThere(String prompt) {
        assertThatThrownBy(() -> TargetText.of(Prompt.of("p7", prompt)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("p7")
                .hasMessageContaining("a sign that says \"472\"")
                .hasMessageContaining("field text");
    }
}
