package org.imagerl.diffusion.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.imagerl.hub.ConfigFile;

/** Builds a {@link SchedulerConfig} from its file. */
final class SchedulerConfigReader {
    private static final int MAX_TIMESTEPS = 100_000;
    private static final String CLIP = "clip_sample";

    private SchedulerConfigReader() {}

    static SchedulerConfig read(ConfigFile file) {
        SchedulerClass type = SchedulerClass.of(file);
        file.only("thresholding", false);
        file.only("use_flow_sigmas", false);
        refuseContinuousTimes(file);
        ignoreOtherSamplers(file);
        int timesteps = file.integer("num_train_timesteps", 1000, 1, MAX_TIMESTEPS);
        return new SchedulerConfig(
                timesteps,
                choice(file, "beta_schedule", type.betaSchedule(), BetaSchedule.values(), BetaSchedule::key),
                fraction(file, "beta_start", type.betaStart()),
                fraction(file, "beta_end", type.betaEnd()),
                trainedBetas(file, timesteps),
                zeroTerminalSnr(file, timesteps),
                file.flag("set_alpha_to_one", true),
                file.integer("steps_offset", 0, 0, timesteps - 1),
                spacing(file),
                choice(file, "prediction_type", PredictionType.EPSILON, PredictionType.values(), PredictionType::key),
                clipRange(file, type),
                solver(file),
                warnings(file, type));
    }

    /**
     * The solver's kind of grid: if several switches are true, the first one counts, in the order in which diffusers
     * looks at them.
     */
    private static SolverOptions solver(ConfigFile file) {
        return new SolverOptions(
                file.value("timestep_spacing").map(given -> spacing(file)),
                sigmas(file),
                file.value("final_sigmas_type")
                        .map(given -> choice(
                                file, "final_sigmas_type", FinalSigma.ZERO, FinalSigma.values(), FinalSigma::key))
                        .orElse(FinalSigma.ZERO),
                positive(file, "sigma_min"),
                positive(file, "sigma_max"),
                flag(file, "lower_order_final", true),
                flag(file, "euler_at_final", false),
                file.optionalInteger("solver_order", 1, 100));
    }

    private static SigmaSpacing sigmas(ConfigFile file) {
        Map<String, SigmaSpacing> switches = new LinkedHashMap<>();
        switches.put("use_karras_sigmas", SigmaSpacing.KARRAS);
        switches.put("use_lu_lambdas", SigmaSpacing.LU);
        switches.put("use_exponential_sigmas", SigmaSpacing.EXPONENTIAL);
        switches.put("use_beta_sigmas", SigmaSpacing.BETA);
        List<SigmaSpacing> on = new ArrayList<>();
        switches.forEach((key, spacing) -> {
            if (flag(file, key, false)) {
                on.add(spacing);
            }
        });
        return on.isEmpty() ? SigmaSpacing.TIMESTEPS : on.get(0);
    }

    /** {@code null} is as good as absent. */
    private static boolean flag(ConfigFile file, String key, boolean absent) {
        return file.value(key).isPresent() ? file.flag(key, absent) : absent;
    }

    private static TimestepSpacing spacing(ConfigFile file) {
        return choice(
                file, "timestep_spacing", TimestepSpacing.LEADING, TimestepSpacing.values(), TimestepSpacing::key);
    }

    private static Optional<Double> positive(ConfigFile file, String key) {
        Optional<Double> sigma = file.optionalNumber(key);
        if (sigma.isPresent() && !(sigma.get() > 0)) {
            throw file.refusal(key, "expected a number above 0, or no such key");
        }
        return sigma;
    }

    /** diffusers gives such denoisers the time ln(sigma) / 4 where they predict v, and plain timesteps where they do not. */
    private static void refuseContinuousTimes(ConfigFile file) {
        boolean continuous = file.optionalText("timestep_type").orElse("").equals("continuous");
        if (continuous && file.optionalText("prediction_type").orElse("").equals(PredictionType.V_PREDICTION.key())) {
            throw file.refusal(
                    "timestep_type",
                    "its denoiser is conditioned on ln(sigma) / 4 in place of timesteps, for which there is no code;"
                            + " supported: discrete");
        }
    }

    /** Options of ways of sampling that are not here, whatever they say. A file has also those of the class that it was converted from. */
    private static void ignoreOtherSamplers(ConfigFile file) {
        file.ignore("algorithm_type", "base_image_seq_len", "base_shift", "corrector_order", "disable_corrector");
        file.ignore("dynamic_thresholding_ratio", "eta", "flow_shift");
        file.ignore("interpolation_type", "invert_sigmas", "lambda_min_clipped");
        file.ignore("max_image_seq_len", "max_shift", "noise_sampler_seed", "original_inference_steps");
        file.ignore("predict_x0", "predictor_order", "sample_max_value", "shift", "shift_terminal");
        file.ignore("skip_prk_steps", "solver_p", "solver_type");
        file.ignore("stochastic_sampling", "tau_func", "time_shift_type", "timestep_scaling");
        file.ignore("use_dynamic_shifting", "variance_type");
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

    /**
     * The bound to which x0 is clamped. In the file of a class without this parameter the key is left over from another
     * class, and diffusers does not clamp.
     */
    private static Optional<Double> clipRange(ConfigFile file, SchedulerClass type) {
        boolean absent = type.clipsSample().orElse(false);
        boolean clip = file.flag(CLIP, absent) && type.clipsSample().isPresent();
        double range = file.number("clip_sample_range", 1, 1e-3, 1e6);
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

    private static List<String> warnings(ConfigFile file, SchedulerClass type) {
        List<String> warnings = new ArrayList<>(file.warnings());
        if (!type.samplesByDdim()) {
            warnings.add(file.file() + ": of " + type.name()
                    + " the noise schedule is used; images are sampled by DDIM in its place"
                    + type.dynamics()
                            .map(name -> " (sampled as it does: --scheduler " + name + ")")
                            .orElse(""));
        }
        return warnings;
    }
}
