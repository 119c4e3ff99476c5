package org.imagerl.flow.dynamics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.BiFunction;
import org.imagerl.flow.schedule.FlowStep;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The coefficients of the steps, against tables and identities. */
class FlowStepsTest {
    private static final double A = 0.7;
    private static final double EXACT = 1e-12;

    /** SD3.5's times for 10 steps, shift 3. */
    private static final double[] TIMES = Grids.sd3(10);

    @Test
    void theTableOfSd35() {
        double[] std = {.70000, .74296, .53615, .44590, .39179, .35280, .31907, .28201, .22536, .00628};
        double[] gain = {.03987, .05824, .06929, .08382, .10345, .13088, .17091, .23260, .33505, .01112};
        double[] weight = {.08, .11, .24, .42, .67, 1.05, 1.68, 2.92, 6.60, 282};
        for (int i = 0; i < 10; i++) {
            FlowStep step = FlowSde.step(A, TIMES[i], TIMES[i + 1]);
            assertThat(step.std()).as("S of step %d", i).isCloseTo(std[i], within(6e-6));
            assertThat(-step.onOutput()).as("gain of step %d", i).isCloseTo(gain[i], within(6e-6));
            double ofGradient = -step.onOutput() / (step.std() * step.std());
            assertThat(ofGradient).as("weight of step %d", i).isCloseTo(weight[i], within(0.01 * weight[i] + 0.005));
        }
    }

    @Test
    void theFirstStepOfFlowSdeHasTheNoiseLevelAsItsStd() {
        assertThat(FlowSde.step(A, TIMES[0], TIMES[1]).std()).isCloseTo(A, within(EXACT));
        assertThat(FlowSde.step(5, TIMES[0], TIMES[1]).std()).isCloseTo(5, within(EXACT));
    }

    @Test
    void theGainOfFlowSdeIsProportionalToTheStepButAtPureNoise() {
        assertThat(FlowSde.step(A, TIMES[0], TIMES[1]).onOutput()).isCloseTo(TIMES[1] - 1, within(EXACT));
        for (int i = 1; i < 10; i++) {
            FlowStep step = FlowSde.step(A, TIMES[i], TIMES[i + 1]);
            assertThat(step.onOutput()).isCloseTo(-(1 + A * A / 2) * step.size(), within(EXACT));
        }
    }

    /** GRPO-Guard's weight: 1 / h for Flow-SDE, so that 1.245 is left at every step but the first; for the others exactly 1. */
    @Test
    void theEqualiserLeavesEveryStepTheSameGain() {
        for (int i = 0; i < 9; i++) {
            FlowStep flow = FlowSde.step(A, TIMES[i], TIMES[i + 1]);
            assertThat(flow.ratioNormFactor()).isCloseTo(1 / flow.size(), within(1e-9));
            assertThat(-flow.onOutput() * flow.ratioNormFactor()).isCloseTo(i == 0 ? 1 : 1.245, within(1e-9));
            FlowStep dance = DanceSde.step(0.3, TIMES[i], TIMES[i + 1]);
            double t = TIMES[i];
            assertThat(dance.ratioNormFactor())
                    .isCloseTo(1 / (dance.size() * (1 + 0.3 * 0.3 / 2 * (1 - t) / t)), within(1e-9));
            FlowStep cps = Cps.step(0.8, TIMES[i], TIMES[i + 1]);
            assertThat(-cps.onOutput() * cps.ratioNormFactor()).isCloseTo(1, within(1e-9));
        }
    }

    @Test
    void withoutNoiseEveryRuleIsEulers() {
        for (int i = 0; i < 10; i++) {
            FlowStep euler = FlowStep.euler(TIMES[i], TIMES[i + 1]);
            requireSame(FlowSde.step(0, TIMES[i], TIMES[i + 1]), euler);
            requireSame(DanceSde.step(0, TIMES[i], TIMES[i + 1]), euler);
            requireSame(Cps.step(0, TIMES[i], TIMES[i + 1]), euler);
        }
    }

    private static void requireSame(FlowStep actual, FlowStep expected) {
        assertThat(actual.onLatent()).isCloseTo(expected.onLatent(), within(EXACT));
        assertThat(actual.onOutput()).isCloseTo(expected.onOutput(), within(EXACT));
        assertThat(actual.std()).isCloseTo(expected.std(), within(EXACT));
    }

    /** A point on the path with the exact velocity: x = (1 - t) x0 + t x1, v = x1 - x0. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.3, 0.8, 1})
    void cpsKeepsTheSquaresOfTheCoefficients(double a) {
        for (int i = 0; i < 10; i++) {
            double t = TIMES[i];
            double next = TIMES[i + 1];
            FlowStep step = Cps.step(a, t, next);
            double onX0 = step.onLatent() * (1 - t) - step.onOutput();
            double onX1 = step.onLatent() * t + step.onOutput();
            assertThat(onX0).isCloseTo(1 - next, within(EXACT));
            assertThat(onX1 * onX1 + step.std() * step.std()).isCloseTo(next * next, within(EXACT));
        }
        assertThat(Cps.step(a, TIMES[9], 0).std()).isZero();
    }

    /** Data N(0, 0.5^2) in one dimension, where the exact velocity is linear in x, and so the variance of the result is known exactly. */
    @ParameterizedTest
    @ValueSource(strings = {"ode", "flow-sde", "dance-sde"})
    void theMarginalIsThatOfTheDataUpToOneOverTheNumberOfSteps(String rule) {
        BiFunction<Double, Double, FlowStep> step = switch (rule) {
            case "ode" -> FlowStep::euler;
            case "flow-sde" -> (t, next) -> FlowSde.step(A, t, next);
            default -> (t, next) -> DanceSde.step(0.3, t, next);
        };
        double coarse = Math.abs(finalStd(step, 100) - 0.5);
        assertThat(coarse).isBetween(0.001, 0.02);
        for (int steps : new int[] {400, 1600}) {
            double error = Math.abs(finalStd(step, steps) - 0.5);
            assertThat(error).as("%d steps", steps).isLessThan(coarse * 100 / steps * 1.2);
        }
    }

    /** The numbers of an independent computation: with noise on the last step too, times shifted by 3. */
    @Test
    void finalStdsAreThoseOfAnIndependentComputation() {
        assertThat(finalStd((t, next) -> FlowSde.step(A, t, next), 10)).isCloseTo(.4244, within(5e-5));
        assertThat(finalStd((t, next) -> FlowSde.step(A, t, next), 1000)).isCloseTo(.4997, within(5e-5));
        assertThat(finalStd((t, next) -> DanceSde.step(.3, t, next), 10)).isCloseTo(.3852, within(5e-5));
        assertThat(finalStd((t, next) -> DanceSde.step(.3, t, next), 1000)).isCloseTo(.4987, within(5e-5));
        assertThat(finalStd(FlowStep::euler, 40)).isCloseTo(.4647, within(5e-5));
        assertThat(finalStd((t, next) -> Cps.step(.8, t, next), 40)).isCloseTo(.3711, within(5e-5));
    }

    private static double finalStd(BiFunction<Double, Double, FlowStep> rule, int steps) {
        double[] times = Grids.shifted(steps);
        double variance = 1;
        for (int i = 0; i < steps; i++) {
            FlowStep step = rule.apply(times[i], times[i + 1]);
            double slope = step.onLatent() + step.onOutput() * velocitySlope(times[i]);
            variance = slope * slope * variance + step.std() * step.std();
        }
        return Math.sqrt(variance);
    }

    /** v = E[eps - x0 | x] = (t - (1 - t) s^2) / ((1 - t)^2 s^2 + t^2) x. */
    private static double velocitySlope(double t) {
        double s2 = 0.25;
        return (t - (1 - t) * s2) / ((1 - t) * (1 - t) * s2 + t * t);
    }
}
