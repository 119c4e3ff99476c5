package org.imagerl.diffusion.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Optional;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DdimStepTest {
    private static final NoiseLevel T = new NoiseLevel(0.3);
    private static final NoiseLevel P = new NoiseLevel(0.5);

    /** shared reference/algorithms.md section 1.1: Stable Diffusion's betas, 50 steps 981..1, eta 1. */
    @ParameterizedTest
    @CsvSource({"0, 0.45446", "25, 0.28769", "47, 0.09989", "48, 0.03948", "49, 0.02065"})
    void theStandardDeviationsOfStableDiffusionAreTheKnownOnes(int index, double std) {
        SchedulerConfig config = Schedulers.read(Schedulers.STABLE_DIFFUSION);
        DdimGrid grid = DdimGrid.of(config, NoiseSchedule.of(config), 50, LastStep.TIMESTEP_ZERO);
        assertThat(DdimStep.of(grid, index, config, 1).std()).isCloseTo(std, within(5e-6));
    }

    @ParameterizedTest
    @EnumSource(PredictionType.class)
    void withoutNoiseTheMeanOfAPerfectPredictionIsTheSameLatentAtThePreviousLevel(PredictionType type) {
        double x0 = 0.7;
        double eps = -1.3;
        double x = T.alpha() * x0 + T.sigma() * eps;
        PredictionType.Target target = type.target(T);
        double o = target.onX0() * x0 + target.onEps() * eps;
        DdimStep step = DdimStep.of(T, P, type, 0, Optional.empty());
        assertThat(step.std()).isZero();
        assertThat(step.x0(x, o)).isCloseTo(x0, within(1e-14));
        assertThat(step.mean(x, o)).isCloseTo(P.alpha() * x0 + P.sigma() * eps, within(1e-14));
    }

    @ParameterizedTest
    @EnumSource(PredictionType.class)
    void theMeanIsLinearInSampleAndOutputWhereNothingIsClamped(PredictionType type) {
        DdimStep step = DdimStep.of(T, P, type, 0.8, Optional.empty());
        double linear = step.meanFromSample() * 0.4 + step.meanFromOutput() * -0.9;
        assertThat(step.mean(0.4, -0.9)).isCloseTo(linear, within(1e-14));
        assertThat(step.meanSlope(0.4, -0.9)).isEqualTo(step.meanFromOutput());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 500, 999})
    void atEtaOneNeighbouringTimestepsHaveThePosteriorVarianceOfDdpm(int timestep) {
        NoiseSchedule schedule = NoiseSchedule.of(Schedulers.read(Schedulers.STABLE_DIFFUSION));
        double from = schedule.at(timestep).alphaBar();
        double to = schedule.at(timestep - 1).alphaBar();
        double beta = 1 - from / to;
        double posterior = (1 - to) / (1 - from) * beta;
        double std = DdimStep.of(schedule.at(timestep), schedule.at(timestep - 1), PredictionType.EPSILON, 1, none())
                .std();
        assertThat(std * std).isCloseTo(posterior, within(1e-14));
    }

    @Test
    void theVarianceOfTheNextLatentIsThatOfItsNoiseLevelAtAnyEta() {
        for (double eta : new double[] {0, 0.3, 1}) {
            DdimStep step = DdimStep.of(T, P, PredictionType.EPSILON, eta, none());
            double variance = step.onEps() * step.onEps() + step.std() * step.std();
            assertThat(variance).isCloseTo(1 - P.alphaBar(), within(1e-15));
        }
    }

    @Test
    void clampingActsOnTheCleanLatentOnlyAndStopsItsGradient() {
        DdimStep step = DdimStep.of(T, P, PredictionType.V_PREDICTION, 0.5, Optional.of(1.0));
        DdimStep free = DdimStep.of(T, P, PredictionType.V_PREDICTION, 0.5, none());
        double x = 3;
        double o = -2;
        assertThat(free.x0(x, o)).isGreaterThan(1);
        assertThat(step.x0(x, o)).isEqualTo(1);
        double h = 1e-6;
        double slope = (step.mean(x, o + h) - step.mean(x, o - h)) / (2 * h);
        assertThat(step.meanSlope(x, o)).isCloseTo(slope, within(1e-8)).isNotEqualTo(free.meanFromOutput());
        double inner = (step.mean(0.1, o / 9 + h) - step.mean(0.1, o / 9 - h)) / (2 * h);
        assertThat(step.meanSlope(0.1, o / 9)).isCloseTo(inner, within(1e-8)).isEqualTo(free.meanFromOutput());
    }

    @Test
    void theLastStepsOfDiffusersAndDdpoDifferOnlyWhereAlphaIsSetToOne() {
        String entries = "\"set_alpha_to_one\": true";
        SchedulerConfig config = Schedulers.read(entries);
        NoiseSchedule schedule = NoiseSchedule.of(config);
        DdimGrid diffusers = DdimGrid.of(config, schedule, 10, LastStep.SCHEDULE_END);
        DdimGrid ddpo = DdimGrid.of(config, schedule, 10, LastStep.TIMESTEP_ZERO);
        assertThat(diffusers.to(9)).isEqualTo(new NoiseLevel(1));
        assertThat(ddpo.to(9)).isEqualTo(schedule.at(0));
        assertThat(diffusers.to(8)).isEqualTo(ddpo.to(8)).isEqualTo(schedule.at(0));
        assertThat(DdimStep.of(diffusers, 9, config, 1).std()).isZero();
    }

    @Test
    void pureNoiseCanBeDenoisedByVelocityButNotByNoise() {
        NoiseLevel noise = new NoiseLevel(0);
        DdimStep step = DdimStep.of(noise, P, PredictionType.V_PREDICTION, 1, none());
        assertThat(step.std()).isCloseTo(P.sigma(), within(1e-15));
        assertThat(step.mean(0.2, 0.6)).isCloseTo(P.alpha() * -0.6, within(1e-15));
        assertThatThrownBy(() -> DdimStep.of(noise, P, PredictionType.EPSILON, 1, none()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("zero signal-to-noise ratio");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
    void anEtaOutOfRangeIsRefused(double eta) {
        assertThatThrownBy(() -> DdimStep.of(T, P, PredictionType.EPSILON, eta, none()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("eta: " + eta);
    }

    private static Optional<Double> none() {
        return Optional.empty();
    }
}
