package org.imagerl.diffusion.schedule;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.imagerl.hub.ConfigFile;

/** Builds a {@link SchedulerConfig} from its file. */
final class SchedulerConfigReader {
    private static final int MAX_TIMESTEPS = 100_000;
    private static final String DDIM = "DDIMScheduler";

    /** Schedulers whose noise is that of DDPM, so that a model trained with them can be sampled by DDIM. */
    private static final Object[] DDPM_FAMILY = {
        DDIM,
        "DDPMScheduler",
        "DEISMultistepScheduler",
        "DPMSolverMultistepScheduler",
        "DPMSolverSDEScheduler",
        "DPMSolverSinglestepScheduler",
        "EulerAncestralDiscreteScheduler",
        "EulerDiscreteScheduler",
        "HeunDiscreteScheduler",
        "KDPM2AncestralDiscreteScheduler",
        "KDPM2DiscreteScheduler",
        "LMSDiscreteScheduler",
        "PNDMScheduler",
        "UniPCMultistepScheduler"
    };

    private SchedulerConfigReader() {}

    static SchedulerConfig read(Path path) {
        ConfigFile file = ConfigFile.read(path);
        file.only("_class_name", DDPM_FAMILY);
        file.only("thresholding", false);
        file.only("use_flow_sigmas", false);
        ignoreOtherSamplers(file);
        int timesteps = file.integer("num_train_timesteps", 1000, 1, MAX_TIMESTEPS);
        return new SchedulerConfig(
                timesteps,
                choice(file, "beta_schedule", BetaSchedule.LINEAR, BetaSchedule.values(), BetaSchedule::key),
                fraction(file, "beta_start", 0.0001),
                fraction(file, "beta_end", 0.02),
                trainedBetas(file, timesteps),
                zeroTerminalSnr(file, timesteps),
                file.flag("set_alpha_to_one", true),
                file.integer("steps_offset", 0, 0, timesteps - 1),
                choice(
                        file,
                        "timestep_spacing",
                        TimestepSpacing.LEADING,
                        TimestepSpacing.values(),
                        TimestepSpacing::key),
                choice(file, "prediction_type", PredictionType.EPSILON, PredictionType.values(), PredictionType::key),
                clipRange(file),
                warnings(file));
    }

    /** Options of other ways of sampling the same noise; DDIM has no use for them, whatever they say. */
    private static void ignoreOtherSamplers(ConfigFile file) {
        file.ignore("algorithm_type", "disable_corrector", "dynamic_thresholding_ratio", "euler_at_final");
        file.ignore("final_sigmas_type", "flow_shift", "interpolation_type", "lambda_min_clipped", "lower_order_final");
        file.ignore("noise_sampler_seed", "predict_x0", "sample_max_value", "sigma_max", "sigma_min", "skip_prk_steps");
        file.ignore("solver_order", "solver_p", "solver_type", "time_shift_type", "timestep_type");
        file.ignore("use_beta_sigmas", "use_dynamic_shifting", "use_exponential_sigmas", "use_karras_sigmas");
        file.ignore("use_lu_lambdas", "variance_type");
    }

    private static double fraction(ConfigFile file, String key, double absent) {
        double value = file.number(key, absent);
        if (!(value > 0 && value < 1)) {
            throw file.refusal(key, "expected a number above 0 and below 1");
        }
        return value;
    }

    private static List<Double> trainedBetas(ConfigFile file, int timesteps) {
        List<Double> betas = file.optionalNumbers("trained_betas").orElse(List.of());
        if (!betas.isEmpty() && betas.size() != timesteps) {
            throw file.refusal(
                    "trained_betas", "expected num_train_timesteps (" + timesteps + ") of them, not " + betas.size());
        }
        if (betas.stream().anyMatch(beta -> beta <= 0 || beta >= 1)) {
            throw file.refusal("trained_betas", "expected numbers above 0 and below 1");
        }
        return betas;
    }

    private static boolean zeroTerminalSnr(ConfigFile file, int timesteps) {
        boolean rescale = file.flag("rescale_betas_zero_snr", false);
        if (rescale && timesteps < 2) {
            throw file.refusal("rescale_betas_zero_snr", "it needs a num_train_timesteps of at least 2");
        }
        return rescale;
    }

    private static Optional<Double> clipRange(ConfigFile file) {
        boolean clip = file.flag("clip_sample", true);
        double range = file.number("clip_sample_range", 1);
        if (range <= 0) {
            throw file.refusal("clip_sample_range", "expected a number above 0");
        }
        return clip ? Optional.of(range) : Optional.empty();
    }

    private static <E> E choice(ConfigFile file, String key, E absent, E[] values, Function<E, String> name) {
        file.only(key, Arrays.stream(values).map(name).toArray());
        String chosen = file.text(key, name.apply(absent));
        return Arrays.stream(values)
                .filter(value -> name.apply(value).equals(chosen))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> warnings(ConfigFile file) {
        List<String> warnings = new ArrayList<>(file.warnings());
        String scheduler = file.text("_class_name", DDIM);
        if (!scheduler.equals(DDIM) && file.value("clip_sample").isEmpty()) {
            warnings.add(
                    file.file() + ": " + scheduler + " says nothing of \"clip_sample\"; DDIM's default true is used,"
                            + " which clamps the predicted x0");
        }
        return warnings;
    }
}
