package org.imagerl.ctrl.objective;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CentredAdvantageTest {
    private final CentredAdvantage advantage = new CentredAdvantage();

    @Test
    void aRewardIsComparedWithTheOthersOfItsGroupInItsOwnUnit() {
        double[] advantages = advantage.advantages(List.of("a", "b", "a", "b", "a"), new double[] {1, -10, 2, -20, 6});
        assertThat(advantages).containsExactly(1 - 4, 10, 2 - 3.5, -10, 6 - 1.5);
    }

    @Test
    void aImageWithoutScoreHasNoAdvantageAndCountsForNothing() {
        double[] advantages = advantage.advantages(List.of("a", "a", "a"), new double[] {1, Double.NaN, 3});
        assertThat(advantages[0]).isEqualTo(-2);
        assertThat(advantages[1]).isNaN();
        assertThat(advantages[2]).isEqualTo(2);
    }

    @Test
    void whatIsLeftAloneHasNothingToBeComparedWith() {
        assertThat(advantage.advantages(List.of("a", "a"), new double[] {1, Double.NaN})[0])
                .isZero();
    }
}
