package org.imagerl.diffusion.ddim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.imagerl.diffusion.schedule.PredictionType;
import org.imagerl.diffusion.schedule.SchedulerConfig;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.toolkit.recipe.GroupAdvantage;
import org.imagerl.toolkit.recipe.advantage.EmpgAdvantage;
import org.imagerl.toolkit.recipe.advantage.StepSignal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What latents are made of at each time, whatever the denoiser predicts; and the size of DDIM's steps. */
class DiffusionScheduleTest {
    private static final double EXACT = 1e-9;

    @TempDir
    Path scratch;

    private DiffusionSchedule schedule(String prediction) throws IOException {
        return schedule(prediction, false);
    }

    private DiffusionSchedule schedule(String prediction, boolean clip) throws IOException {
        Path file = scratch.resolve("scheduler_config.json");
        Files.writeString(file, """
            {"_class_name": "DDIMScheduler", "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
             "set_alpha_to_one": false, "steps_offset": 1, "clip_sample": %s, "prediction_type": "%s"}\
            """.formatted(clip, prediction));
        return DiffusionSchedule.of(SchedulerConfig.read(file));
    }

    /** With x given, an output that is wrong by d gives another x0 and eps, and so another velocity eps - x0. */
    @ParameterizedTest
    @ValueSource(strings = {"epsilon", "v_prediction", "sample"})
    void anErrorOfTheOutputIsWorthWhatItMakesOfTheVelocity(String prediction) throws IOException {
        DiffusionSchedule schedule = schedule(prediction);
        double x = 0.8;
        double output = 0.3;
        for (int timestep : new int[] {0, 1, 250, 999}) {
            AlphaSigma noising = schedule.at(timestep);
            PredictionType.Coefficients reading =
                    schedule.config().predictionType().at(schedule.noise().at(timestep));
            double change = velocity(reading, x, output + 0.01) - velocity(reading, x, output);
            assertThat(noising.velocityPerOutput() * 0.01)
                    .as("timestep %d", timestep)
                    .isCloseTo(change, within(EXACT * Math.abs(change)));
            double x0 = reading.x0FromSample() * x + reading.x0FromOutput() * output;
            double eps = reading.epsFromSample() * x + reading.epsFromOutput() * output;
            assertThat(noising.alpha() * x0 + noising.sigma() * eps).isCloseTo(x, within(EXACT));
            assertThat(noising.onX0() * x0 + noising.onEps() * eps).isCloseTo(output, within(EXACT));
        }
    }

    private static double velocity(PredictionType.Coefficients reading, double x, double output) {
        return (reading.epsFromSample() - reading.x0FromSample()) * x
                + (reading.epsFromOutput() - reading.x0FromOutput()) * output;
    }

    /** u - v = (eps - eps_hat) / (1 - t). */
    @Test
    void anErrorOfPredictedNoiseIsDividedByTheShareOfTheImage() throws IOException {
        AlphaSigma noising = schedule("epsilon").at(600);
        assertThat(noising.velocityPerOutput()).isCloseTo(1 / (1 - noising.time()), within(EXACT));
        AlphaSigma v = schedule("v_prediction").at(600);
        assertThat(v.velocityPerOutput()).isCloseTo(v.alpha() + v.sigma(), within(EXACT));
        AlphaSigma sample = schedule("sample").at(600);
        assertThat(sample.velocityPerOutput()).isCloseTo(-1 / sample.time(), within(EXACT));
    }

    /** Before the first epoch: what the denoiser predicted cannot be read off steps that clip. */
    @Test
    void stepsThatClipAreRefusedByAnAdvantageThatReadsThem() throws IOException {
        GroupAdvantage.Config group = new GroupAdvantage.Config(false, false, 1e-4);
        EmpgAdvantage empg = new EmpgAdvantage(new EmpgAdvantage.Config(1, 1, 0.1, StepSignal.SPREAD, group));
        DdimDynamics ddim = new DdimDynamics(new DdimDynamics.Config(1));
        empg.check(ddim.kernel(schedule("epsilon", false), 4));
        TransitionKernel clipping = ddim.kernel(schedule("epsilon", true), 4);
        assertThatThrownBy(() -> empg.check(clipping)).hasMessageContaining("empg reads what the denoiser predicted");
    }

    @Test
    void positionsAreSpreadOverTheTrainingTimesteps() throws IOException {
        DiffusionSchedule schedule = schedule("epsilon");
        assertThat(schedule.timestep(0)).isZero();
        assertThat(schedule.timestep(1)).isEqualTo(999);
        assertThat(schedule.timestep(0.5)).isEqualTo(500);
    }

    /** GRPO-Guard's RatioNorm factor on DDPM: sqrt((1 - beta) (1 - abar_t)) / beta, beta that of the whole step. */
    @Test
    void theEqualiserOfANoisyStepIsThatOfItsBeta() throws IOException {
        DiffusionSchedule schedule = schedule("epsilon");
        TransitionKernel kernel = new DdimDynamics(new DdimDynamics.Config(1)).kernel(schedule, 10);
        for (int step = 0; step < 9; step++) {
            double here = schedule.noise().at((int) kernel.timestep(step)).alphaBar();
            double next = schedule.noise().at((int) kernel.timestep(step + 1)).alphaBar();
            double beta = 1 - here / next;
            assertThat(kernel.ratioNormFactor(step))
                    .as("step %d", step)
                    .isCloseTo(Math.sqrt((1 - beta) * (1 - here)) / beta, within(1e-6 / beta));
            assertThat(kernel.stepSize(step)).isCloseTo(0.1, within(EXACT));
        }
    }
}
