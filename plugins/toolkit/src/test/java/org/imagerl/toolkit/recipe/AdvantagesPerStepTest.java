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
    void theFirstStepsOfASampleMayHaveNone() {
        Advantages plain = Advantages.ofSamples(0.1, -2);
        assertThat(plain.from(new int[2], 4)).isSameAs(plain);
        Advantages late = plain.from(new int[] {0, 3}, 4);
        assertThat(late.steps()).isDeepEqualTo(new double[][] {{0.1, 0.1, 0.1, 0.1}, {0, 0, 0, -2}});
        assertThat(late.samples()).containsExactly(0.1, -0.5);
        Advantages steps = Advantages.ofSteps(new double[][] {{1, 3}, {-1, -5}});
        assertThat(steps.from(new int[] {1, 0}, 2).steps()).isDeepEqualTo(new double[][] {{0, 3}, {-1, -5}});
        assertThat(steps.at(0)).as("left as they were").containsExactly(1, -1);
    }

    @Test
    void aSampleWithoutARewardHasNone() {
        Advantages advantages = Advantages.ofSteps(new double[][] {{Double.NaN, Double.NaN}, {1, 1}});
        assertThat(advantages.samples()).containsExactly(Double.NaN, 1);
    }
}
