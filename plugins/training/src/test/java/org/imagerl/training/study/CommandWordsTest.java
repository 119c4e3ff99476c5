package org.imagerl.training.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandWordsTest {

    @Test
    void quotesOfEitherKindHoldWordsTogether() {
        assertThat(CommandWords.split("sample  --steps 6")).containsExactly("sample", "--steps", "6");
        assertThat(CommandWords.split(" --prompt 'a sign that says \"4 7\"' --negative \"\" --set a='b c'd "))
                .containsExactly("--prompt", "a sign that says \"4 7\"", "--negative", "", "--set", "a=b cd");
        assertThat(CommandWords.split("\"it's\"")).containsExactly("it's");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "sample 'the cat", "sample \"", "'a\""})
    void aQuoteThatIsNotClosedAndNothingAreRefused(String line) {
        assertThatThrownBy(() -> CommandWords.split(line)).hasMessageContaining("every quote closed");
    }
}
