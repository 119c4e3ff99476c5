package org.imagerl.diffusion.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Optional;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchedulerConfigTest {

    @Test
    void absentKeysHaveTheDefaultsOfDdimWhateverTheScheduler() {
        SchedulerConfig config = Schedulers.read("\"_class_name\": \"PNDMScheduler\", \"skip_prk_steps\": true");
        assertThat(config.trainTimesteps()).isEqualTo(1000);
        assertThat(config.betaSchedule()).isEqualTo(BetaSchedule.LINEAR);
        assertThat(config.alphaOneAtEnd()).isTrue();
        assertThat(config.spacing()).isEqualTo(TimestepSpacing.LEADING);
        assertThat(config.clipRange()).isEqualTo(Optional.of(1.0));
        assertThat(config.warnings())
                .singleElement()
                .asString()
                .contains("PNDMScheduler says nothing of \"clip_sample\"");
    }

    @Test
    void stableDiffusionPipelinesNeverClampLatentsAndSayWhatTheyChange() {
        SchedulerConfig config = Schedulers.read("\"clip_sample\": true").forStableDiffusionPipeline();
        assertThat(config.clipRange()).isEmpty();
        assertThat(config.stepsOffset()).isEqualTo(1);
        assertThat(config.warnings()).hasSize(2);
        SchedulerConfig modern = Schedulers.read(Schedulers.STABLE_DIFFUSION);
        assertThat(modern.forStableDiffusionPipeline()).isEqualTo(modern);
    }

    @Test
    void trainedBetasReplaceTheFormula() {
        NoiseSchedule schedule =
                NoiseSchedule.of(Schedulers.read("\"num_train_timesteps\": 3, \"trained_betas\": [0.5, 0.25, 0.125]"));
        assertThat(schedule.timesteps()).isEqualTo(3);
        assertThat(schedule.at(2).alphaBar()).isEqualTo(0.5 * 0.75 * 0.875);
    }

    @Test
    void theRescaledScheduleKeepsItsFirstLevelAndEndsInPureNoise() {
        NoiseSchedule plain = NoiseSchedule.of(Schedulers.read(Schedulers.STABLE_DIFFUSION));
        NoiseSchedule rescaled =
                NoiseSchedule.of(Schedulers.read(Schedulers.STABLE_DIFFUSION + ", \"rescale_betas_zero_snr\": true"));
        assertThat(rescaled.at(999).alphaBar()).isZero();
        assertThat(rescaled.at(0).alphaBar()).isCloseTo(plain.at(0).alphaBar(), within(1e-6));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "_class_name": "FlowMatchEulerDiscreteScheduler" | supported: "DDIMScheduler", "DDPMScheduler"
            "thresholding": true                             | "thresholding" is true; supported: false
            "use_flow_sigmas": true                          | "use_flow_sigmas" is true
            "beta_schedule": "sigmoid"                       | supported: "linear", "scaled_linear", "squaredcos_cap_v2"
            "timestep_spacing": "even"                       | supported: "leading", "linspace", "trailing"
            "prediction_type": "flow_prediction"             | supported: "epsilon", "v_prediction", "sample"
            "beta_start": 0                                  | above 0 and below 1
            "beta_end": 1.5                                  | above 0 and below 1
            "trained_betas": [0.1]                           | expected num_train_timesteps (1000) of them, not 1
            "num_train_timesteps": 0                         | expected an integer from 1
            "clip_sample_range": -1                          | above 0
            "steps_offset": 1000                             | expected an integer from 0 to 999
            """)
    void whatWouldChangeNumbersIsRefused(String entry, String message) {
        assertThatThrownBy(() -> Schedulers.read(entry))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aBetaThatVanishesInFloat32IsRefused() {
        SchedulerConfig config = Schedulers.read("\"beta_start\": 1e-9");
        assertThatThrownBy(() -> NoiseSchedule.of(config)).isInstanceOf(UserException.class);
    }
}
