package org.imagerl.diffusion.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchedulerConfigTest {

    @Test
    void absentKeysHaveTheDefaultsOfDdimAndOfTheClassesOwnNoise() {
        SchedulerConfig config = Schedulers.read("\"_class_name\": \"PNDMScheduler\", \"skip_prk_steps\": true");
        assertThat(config.trainTimesteps()).isEqualTo(1000);
        assertThat(config.betaSchedule()).isEqualTo(BetaSchedule.LINEAR);
        assertThat(config.betaStart()).isEqualTo(0.0001);
        assertThat(config.alphaOneAtEnd()).isTrue();
        assertThat(config.spacing()).isEqualTo(TimestepSpacing.LEADING);
        assertThat(config.warnings()).singleElement().asString().contains("PNDMScheduler", "sampled by DDIM");
        SchedulerConfig lcm = Schedulers.read("\"_class_name\": \"LCMScheduler\"");
        assertThat(lcm.betaSchedule()).isEqualTo(BetaSchedule.SCALED_LINEAR);
        assertThat(lcm.betaStart()).isEqualTo(0.00085);
    }

    @ParameterizedTest
    @CsvSource({
        "EulerDiscreteScheduler, '', false",
        "EulerDiscreteScheduler, ', \"clip_sample\": true', false",
        "HeunDiscreteScheduler, '', false",
        "HeunDiscreteScheduler, ', \"clip_sample\": true', true",
        "DDIMScheduler, '', true",
        "FlaxDDIMScheduler, '', true",
        "DDPMScheduler, ', \"clip_sample\": false', false"
    })
    void onlyClassesThatClampDoSo(String scheduler, String more, boolean clamped) {
        SchedulerConfig config = Schedulers.read("\"_class_name\": \"" + scheduler + "\"" + more);
        assertThat(config.clipRange().isPresent()).isEqualTo(clamped);
        assertThat(config.warnings()).noneMatch(line -> line.contains("clip_sample"));
    }

    /** What {@code save_pretrained} of diffusers 0.36 writes; the numbers of Python that are not finite are in keys that nobody uses. */
    @ParameterizedTest
    @ValueSource(strings = {"DPMSolverMultistepScheduler", "SASolverScheduler", "DPMSolverSinglestepScheduler"})
    void infinityIsReadAsPythonWritesIt(String scheduler) {
        SchedulerConfig config = Schedulers.read("\"_class_name\": \"" + scheduler
                + "\", \"lambda_min_clipped\": -Infinity, \"x\": NaN, \"beta_schedule\": \"scaled_linear\"");
        assertThat(config.betaSchedule()).isEqualTo(BetaSchedule.SCALED_LINEAR);
        assertThatThrownBy(() -> Schedulers.read("\"beta_start\": NaN"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("expected a finite number");
    }

    /** Values of {@code alphas_cumprod} of diffusers at timesteps 0, 499 and 999. */
    @ParameterizedTest
    @CsvSource({
        "sigmoid, 0.9998508095741272, 0.3019309937953949, 3.9681821363046765e-05",
        "laplace, 0.9788462519645691, 0.707460343837738, 0.03162277489900589",
        "exp, 0.9880717396736145, 0.002478785812854767, 6.144378858152777e-06"
    })
    void rareBetasAreThoseOfDiffusers(String betas, double first, double middle, double last) {
        NoiseSchedule schedule = NoiseSchedule.of(Schedulers.read("\"beta_schedule\": \"" + betas + "\""));
        assertThat(schedule.at(0).alphaBar()).isCloseTo(first, within(1e-6 * first));
        assertThat(schedule.at(499).alphaBar()).isCloseTo(middle, within(1e-6 * middle));
        assertThat(schedule.at(999).alphaBar()).isCloseTo(last, within(1e-6 * last));
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
        "_class_name": "FlowMatchEulerDiscreteScheduler" | it is of flow matching
        "_class_name": "EDMDPMSolverMultistepScheduler"  | trained with EDM's preconditioning
        "_class_name": "IPNDMScheduler"                  | its file has no betas
        "timestep_type": "continuous", "prediction_type": "v_prediction" | conditioned on ln(sigma) / 4
        "sigma_min": 0.0                                 | expected a number above 0
        "final_sigmas_type": "none"                      | supported: "zero", "sigma_min"
        "_class_name": "KarrasVeScheduler"               | it has no betas
        "_class_name": "VQDiffusionScheduler"            | discrete tokens
        "_class_name": "OwnScheduler"                    | there is no code for the noise schedule of this class
        "thresholding": true                             | "thresholding" is true; supported: false
        "use_flow_sigmas": true                          | "use_flow_sigmas" is true
        "beta_schedule": "quadratic"                     | supported: "linear", "scaled_linear", "squaredcos_cap_v2"
        "timestep_spacing": "even"                       | supported: "leading", "linspace", "trailing"
        "prediction_type": "flow_prediction"             | supported: "epsilon", "v_prediction", "sample"
        "beta_start": 0                                  | above 0 and below 1
        "beta_end": 1.5                                  | above 0 and below 1
        "trained_betas": [0.1]                           | expected num_train_timesteps (1000) of them, not 1
        "num_train_timesteps": 0                         | expected an integer from 1
        "clip_sample_range": -1                          | expected a number from 0.001
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
