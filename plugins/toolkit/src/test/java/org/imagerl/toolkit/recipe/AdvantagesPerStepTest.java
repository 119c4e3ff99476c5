package org.imagerl.toolkit.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import org.imagerl.spi.Advantages;
import org.junit.jupiter.api.Test;

class AdvantagesPerStepTest {

    @Test
    void allStepsOfASampleHaveItsAdvantage() {
        Advantages advantages = Advantages.ofSamples(1, -2, 3);
        assertThat(advantages.at(0)).containsExactly(1, -2, 3);
        assertThat(advantages.at(7)).containsExactly(1, -2, 3);
        assertThat(advantages.rows(2, 0).samples()).containsExactly(3, 1);
    }

    @Test
    void stepsMayDiffer() {
        Advantages advantages = Advantages.ofSteps(new double[][] {{1, 3}, {-1, -5}});
        assertThat(advantages.at(1)).containsExactly(3, -5);
        assertThat(advantages.samples()).as("the mean of the steps").containsExactly(2, -3);
        assertThat(advantages.rows(1).at(0)).containsExactly(-1);
        Advantages clamped = advantages.map(a -> Math.max(-2, Math.min(2, a)));
        assertThat(clamped.at(1)).containsExactly(2, -2);
        assertThat(clamped.samples()).containsExactly(1.5, -1.5);
    }

    @Test
    void aSampleWithoutARewardHasNone() {
        Advantages advantages = Advantages.ofSteps(new double[][] {{Double.NaN, Double.NaN}, {1, 1}});
        assertThat(advantages.samples()).containsExactly(Double.NaN, 1);
    }
}
