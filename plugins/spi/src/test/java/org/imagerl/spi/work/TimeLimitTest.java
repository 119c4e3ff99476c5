package org.imagerl.spi.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TimeLimitTest {

    @Test
    void aLimitHoldsForTheBodyAlone() {
        Duration inside =
                TimeLimit.within(Duration.ofSeconds(3), () -> TimeLimit.here().perImage());
        assertThat(inside).isEqualTo(Duration.ofSeconds(3));
        assertThat(TimeLimit.here().perImage()).isEqualTo(TimeLimit.USUAL);
    }

    @Test
    void theTimeOfAnImageBeginsWithItAndIsUsedUpOnce() {
        TimeLimit limit = new TimeLimit(Duration.ofHours(1), 0);
        assertThat(limit.left()).isEqualTo(Duration.ofHours(1));
        Duration left = limit.start(() -> TimeLimit.here().left());
        assertThat(left).isLessThanOrEqualTo(Duration.ofHours(1)).isGreaterThan(Duration.ofMinutes(50));
        assertThat(new TimeLimit(Duration.ofHours(1), System.nanoTime() - 1).left())
                .isZero();
    }

    @Test
    void aLimitIsPrintedInSeconds() {
        assertThat(new TimeLimit(Duration.ofMinutes(2), 0)).hasToString("120 s");
        assertThat(new TimeLimit(Duration.ofMillis(500), 0)).hasToString("0.5 s");
    }
}
