package org.imagerl.spi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScoreTest {

    @ParameterizedTest
    @ValueSource(
            doubles = {1e300, -1e300, 1.1e15, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 3.4e38})
    void whatIsNoUsableNumberIsAFailureWithThatForItsReason(double value) {
        Score score = Score.of(value);
        assertThat(score.ok()).isFalse();
        assertThat(score.value()).isNaN();
        assertThat(score.error()).startsWith("the score is " + value);
    }

    @Test
    void theReasonSaysWhatIsAllowed() {
        assertThat(Score.of(1e300).error())
                .isEqualTo("the score is 1.0E300; it must be from -1.0E15 to 1.0E15 to be of use");
    }

    @Test
    void theSquaresOfAHundredMillionGreatestScoresHaveAFiniteSumInFloat() {
        assertThat(Score.of(Score.LIMIT).ok()).isTrue();
        assertThat((float) (1e8 * Score.LIMIT * Score.LIMIT)).isFinite();
    }

    @Test
    void aReasonOfAStrangerDoesNotReachATerminalAsItIs() {
        assertThat(Score.failed("no\u001b[2J way\nat all").error()).isEqualTo("no\\u001b[2J way\nat all");
    }
}
