package org.imagerl.flow.matching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.TreeSet;
import org.imagerl.flow.awm.MatchingLikelihood;
import org.imagerl.flow.awm.Weighting;
import org.imagerl.flow.schedule.FlowSchedule;
import org.imagerl.flow.testing.LineFlow;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.recipe.OdeDynamics;
import org.imagerl.toolkit.recipe.PredictionError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimesTest {
    private static final int DRAWS = 6;
    private static final FlowSchedule SCHEDULE = schedule();
    private static final TransitionKernel CHAIN = new OdeDynamics().kernel(SCHEDULE, 14);

    private static FlowSchedule schedule() {
        try (LineFlow flow = new LineFlow()) {
            return flow.schedule(8, 8);
        }
    }

    private static double time(Times times, int draw, double u) {
        return times.timestep(CHAIN, SCHEDULE, draw, DRAWS, u);
    }

    /** 14 steps, fraction 0.9, the first left out: edges 1, 2, 4, 6, 8, 10, 12 as published. */
    @Test
    void discreteTimesAreThoseOfTheSamplerOneFromEachPart() {
        int[] edges = {1, 2, 4, 6, 8, 10, 12};
        Times times = new Times.Discrete(1, 0.9);
        for (int draw = 0; draw < DRAWS; draw++) {
            TreeSet<Double> seen = new TreeSet<>();
            for (double u = 0; u < 1; u += 0.01) {
                seen.add(time(times, draw, u));
            }
            TreeSet<Double> expected = new TreeSet<>();
            for (int step = edges[draw]; step < edges[draw + 1]; step++) {
                expected.add(CHAIN.timestep(step));
            }
            assertThat(seen).isEqualTo(expected);
        }
        assertThat(time(new Times.Discrete(0, 0.9), 0, 0)).isEqualTo(1000);
    }

    @Test
    void partsWithoutAStepTakeTheirEdge() {
        TransitionKernel four = new OdeDynamics().kernel(SCHEDULE, 4);
        double last = new Times.Discrete(1, 1).timestep(four, SCHEDULE, DRAWS - 1, DRAWS, 0.99);
        assertThat(last).isEqualTo(four.timestep(3));
        assertThatThrownBy(() -> new Times.Discrete(1, 0.9).check(2))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("2 steps");
        new Times.Discrete(1, 0.9).check(3);
    }

    @Test
    void uniformTimesAreEvenBeforeTheShift() {
        Times times = new Times.Uniform(0.2, 1);
        for (int draw = 0; draw < DRAWS; draw++) {
            double position = 0.2 + 0.8 * (draw + 0.5) / DRAWS;
            assertThat(time(times, draw, 0.5)).isCloseTo(1000 * 3 * position / (1 + 2 * position), within(1e-9));
        }
    }

    @Test
    void logitNormalTimesAreStratifiedQuantiles() {
        Times times = new Times.LogitNormal(0, 1, 0.01, 1);
        // The middle of all is a normal number of 0, a position of one half, a time of 0.75 after the shift.
        assertThat(time(times, 3, 0)).isCloseTo(750, within(1e-3));
        assertThat(time(times, 0, 0)).isCloseTo(SCHEDULE.timestep(0.01), within(1e-9));
        for (int draw = 1; draw < DRAWS; draw++) {
            assertThat(time(times, draw, 0)).isGreaterThan(time(times, draw - 1, 0.99));
        }
        double symmetric = new Times.LogitNormal(0, 1, 0, 1).timestep(CHAIN, SCHEDULE, 0, DRAWS, 0.5);
        double other = new Times.LogitNormal(0, 1, 0, 1).timestep(CHAIN, SCHEDULE, DRAWS - 1, DRAWS, 0.5);
        assertThat(position(symmetric) + position(other)).isCloseTo(1, within(1e-6));
    }

    private static double position(double timestep) {
        double t = timestep / 1000;
        return t / (3 - 2 * t);
    }

    @ParameterizedTest
    @CsvSource({"0.5, 0", "0.975, 1.959964", "0.9, 1.2815516", "0.0001, -3.7190165", "1e-30, -11.464025"})
    void quantilesOfTheNormalDistribution(double p, double expected) {
        assertThat(NormalQuantile.of(p)).isCloseTo(expected, within(2e-6));
        assertThat(NormalQuantile.of(0)).isFinite().isNegative();
    }

    @Test
    void valuesThatMeanNothingAreRefused() {
        assertThatThrownBy(() -> new Times.Discrete(-1, 0.9)).hasMessageContaining("skip");
        assertThatThrownBy(() -> new Times.Discrete(1, 1.1)).hasMessageContaining("fraction");
        assertThatThrownBy(() -> new Times.Uniform(0.5, 0.5)).hasMessageContaining("from");
        assertThatThrownBy(() -> new Times.LogitNormal(0, 0, 0, 1)).hasMessageContaining("std");
        assertThatThrownBy(() -> new MatchingLikelihood.Config(
                        Weighting.T, 0, 6, new Times.Discrete(1, 0.9), PredictionError.OUTPUT))
                .hasMessageContaining("power");
    }
}
