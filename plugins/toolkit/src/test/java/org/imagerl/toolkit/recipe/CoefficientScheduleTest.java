package org.imagerl.toolkit.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.imagerl.spi.CoefficientSchedule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CoefficientScheduleTest {

    @Test
    void withoutOneTheCoefficientStaysToTheBit() {
        assertThat(CoefficientSchedule.at(null, 0.1, 0.7)).isEqualTo(0.1);
    }

    @ParameterizedTest
    @CsvSource({
        "LINEAR, 0, 0.4", "LINEAR, 0.25, 0.3", "LINEAR, 0.5, 0.2", "LINEAR, 0.9, 0.2",
        "COSINE, 0, 0.4", "COSINE, 0.25, 0.3", "COSINE, 0.125, 0.3707106781", "COSINE, 0.5, 0.2"
    })
    void itIsAtItsEndAfterHalfOfTheEpochs(CoefficientSchedule.Shape shape, double progress, double expected) {
        CoefficientSchedule schedule = new CoefficientSchedule(0.2, shape, 0.5);
        assertThat(CoefficientSchedule.at(schedule, 0.4, progress)).isCloseTo(expected, within(1e-9));
    }

    @Test
    void whatIsNoWayIsRefused() {
        assertThatThrownBy(() -> new CoefficientSchedule(-1, CoefficientSchedule.Shape.LINEAR, null))
                .hasMessage("to must be at least 0");
        assertThatThrownBy(() -> new CoefficientSchedule(0, CoefficientSchedule.Shape.LINEAR, 0.0))
                .hasMessage("until must be above 0 and at most 1");
    }
}
