package org.imagerl.flow.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlowScheduleTest {
    private static final double EXACT = 1e-12;

    @TempDir
    Path scratch;

    private FlowSchedulerConfig config(String entries) throws IOException {
        Path file = scratch.resolve("scheduler_config.json");
        return FlowSchedulerConfig.read(Files.writeString(file, "{" + entries + "}"));
    }

    private FlowSchedule schedule(String entries, int tokens, GridEnd end) throws IOException {
        return FlowSchedule.of(config(entries), tokens, end);
    }

    @Test
    void aShiftedTimeIsOnTheSamePathAsAShiftedSignalToNoiseRatio() {
        TimeShift shift = new TimeShift(3);
        assertThat(shift.of(0)).isZero();
        assertThat(shift.of(1)).isEqualTo(1);
        double t = shift.of(0.4);
        assertThat((1 - t) / t).isCloseTo(0.6 / 0.4 / 3, within(EXACT));
    }

    @Test
    void muIsTheBaseShiftAtTheBaseAndTheMaximumAtTheMaximum() {
        DynamicShift shift = new DynamicShift(0.5, 1.15, 256, 4096, DynamicShift.Form.EXPONENTIAL);
        assertThat(shift.mu(256)).isCloseTo(0.5, within(EXACT));
        assertThat(shift.mu(4096)).isCloseTo(1.15, within(EXACT));
        assertThat(shift.at(4096).factor()).isCloseTo(Math.exp(1.15), within(EXACT));
        DynamicShift linear = new DynamicShift(0.5, 1.15, 256, 4096, DynamicShift.Form.LINEAR);
        assertThat(linear.at(4096).factor()).isCloseTo(1.15, within(EXACT));
    }

    /** diffusers: mu / (mu + 1 / t - 1). */
    @Test
    void theLinearShiftIsThatOfDiffusers() throws IOException {
        FlowSchedule schedule =
                schedule("\"use_dynamic_shifting\": true, \"time_shift_type\": \"linear\"", 1024, GridEnd.ONE_STEP);
        double mu = 0.63;
        double[] times = schedule.times(4);
        assertThat(times[1]).isCloseTo(mu / (mu + 1 / 0.75 - 1), within(1e-9));
        assertThat(times[4]).isZero();
    }

    @ParameterizedTest
    @CsvSource({"4, 0.02", "10, 0.2"})
    void aStretchedGridKeepsItsFirstTimeAndEndsWhereItIsTold(int steps, double terminal) throws IOException {
        double[] plain = schedule("\"shift\": 3.0", 1, GridEnd.TRAINED).times(steps);
        double[] stretched = schedule("\"shift\": 3.0, \"shift_terminal\": " + terminal, 1, GridEnd.TRAINED)
                .times(steps);
        assertThat(stretched[0]).isEqualTo(1);
        assertThat(stretched[steps - 1]).isCloseTo(terminal, within(EXACT));
        assertThat(stretched[steps]).isZero();
        double scale = (1 - terminal) / (1 - plain[steps - 1]);
        assertThat(1 - stretched[1]).isCloseTo((1 - plain[1]) * scale, within(EXACT));
    }

    @Test
    void everyGridStartsAtNoiseAndFallsToZero() throws IOException {
        for (GridEnd end : GridEnd.values()) {
            for (int steps : new int[] {1, 2, 7, 1000}) {
                double[] times = schedule("\"shift\": 3.0", 1, end).times(steps);
                assertThat(times).hasSize(steps + 1);
                assertThat(times[0]).isEqualTo(1);
                assertThat(times[steps]).isZero();
                double[] falling = times.clone();
                Arrays.sort(falling);
                for (int i = 0; i <= steps; i++) {
                    assertThat(times[i]).isEqualTo(falling[steps - i]);
                }
            }
        }
    }

    @Test
    void theVelocityIsTheTargetWhateverTheTime() throws IOException {
        FlowSchedule schedule = schedule("\"shift\": 3.0", 1, GridEnd.TRAINED);
        assertThat(schedule.at(250)).isEqualTo(new AlphaSigma(0.75, 0.25, -1, 1));
        for (double position : new double[] {0.001, 0.3, 1}) {
            AlphaSigma noising = schedule.at(schedule.timestep(position));
            assertThat(noising.time()).isCloseTo(new TimeShift(3).of(position), within(EXACT));
            assertThat(noising.velocityPerOutput()).isCloseTo(1, within(EXACT));
        }
    }

    @Test
    void whatHasNoCodeHereIsRefusedWithFileAndKey() {
        Map<String, String> refused = Map.of(
                "\"_class_name\": \"DDIMScheduler\"", "_class_name",
                "\"_class_name\": \"UniPCMultistepScheduler\"", "use_flow_sigmas",
                "\"_class_name\": \"UniPCMultistepScheduler\", \"use_flow_sigmas\": true, \"prediction_type\": \"epsilon\"",
                        "prediction_type",
                "\"invert_sigmas\": true", "invert_sigmas",
                "\"time_shift_type\": \"cubic\"", "time_shift_type",
                "\"shift\": 0", "shift",
                "\"shift_terminal\": 1.5", "shift_terminal",
                "\"max_image_seq_len\": 16", "max_image_seq_len");
        refused.forEach((entries, key) -> assertThatThrownBy(() -> config(entries))
                .as(entries)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("scheduler_config.json")
                .hasMessageContaining(key));
    }

    /** As {@code DPMSolverMultistepScheduler.from_config(config, use_flow_sigmas=True, ...)} of diffusers saves it. */
    @Test
    void aSolverThatIsSetToFlowMatchingHasTheSameTimesOfTraining() throws IOException {
        FlowSchedulerConfig solver =
                config("\"_class_name\": \"DPMSolverMultistepScheduler\", \"use_flow_sigmas\": true, "
                        + "\"prediction_type\": \"flow_prediction\", \"flow_shift\": 3.0, \"shift\": 5.0, "
                        + "\"lambda_min_clipped\": -Infinity, \"thresholding\": false, \"beta_start\": 0.0001");
        assertThat(solver.shift()).isEqualTo(3);
        assertThat(solver.warnings()).singleElement().asString().contains("DPMSolverMultistepScheduler");
    }

    @Test
    void otherWaysOfSamplingTheSameModelAreReadAndSaid() throws IOException {
        assertThat(config("\"_class_name\": \"FlowMatchHeunDiscreteScheduler\", \"shift\": 3.0")
                        .shift())
                .isEqualTo(3);
        for (String key :
                List.of("use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas", "stochastic_sampling")) {
            assertThat(config("\"" + key + "\": true").warnings())
                    .singleElement()
                    .asString()
                    .contains(key);
            assertThat(config("\"" + key + "\": null").warnings()).isEmpty();
        }
    }

    @Test
    void anUnknownKeyIsAWarning() throws IOException {
        assertThat(config("\"shfit\": 3.0").warnings())
                .singleElement()
                .asString()
                .contains("shfit");
    }

    @Test
    void moreStepsThanTimestepsAreRefused() {
        assertThatThrownBy(() -> schedule("\"num_train_timesteps\": 10", 1, GridEnd.TRAINED)
                        .times(11))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("11; expected 1 to 10");
    }

    /** The logarithm of a factor is anything, but a factor is above 0. */
    @Test
    void aSizeWhoseLinearShiftIsNotPositiveIsRefused() {
        String linear =
                "\"use_dynamic_shifting\": true, \"time_shift_type\": \"linear\", \"base_shift\": -5, \"max_shift\": 1";
        assertThatThrownBy(() -> schedule(linear, 256, GridEnd.ONE_STEP))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("-5");
    }
}
