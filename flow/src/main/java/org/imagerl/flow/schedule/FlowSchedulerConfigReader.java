package org.imagerl.flow.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.imagerl.hub.ConfigFile;

/** Builds a {@link FlowSchedulerConfig} from its file. */
final class FlowSchedulerConfigReader {
    /** Beyond, all times of a grid are 1 in float32. */
    private static final double MAX_SHIFT = 10_000;

    private static final int MAX_TIMESTEPS = 100_000;
    private static final int MAX_TOKENS = 1 << 24;

    private static final String CLASS_KEY = "_class_name";
    private static final String SWITCH = "use_flow_sigmas";
    private static final String EULER = "FlowMatchEulerDiscreteScheduler";

    /** Classes of flow matching and nothing else. */
    private static final List<String> FLOW = List.of(EULER, "FlowMatchHeunDiscreteScheduler", "FlowMatchLCMScheduler");

    /** Classes that sample flow matching where {@link #SWITCH} is true. */
    private static final List<String> SWITCHED = List.of(
            "DEISMultistepScheduler",
            "DPMSolverMultistepScheduler",
            "DPMSolverSinglestepScheduler",
            "SASolverScheduler",
            "UniPCMultistepScheduler");

    /** Switches that choose other times or more noise for sampling; the model and its training know nothing of them. */
    private static final List<String> OTHER_SAMPLING =
            List.of("stochastic_sampling", "use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas");

    private FlowSchedulerConfigReader() {}

    static FlowSchedulerConfig read(ConfigFile file) {
        String type = type(file);
        file.only("invert_sigmas", false);
        file.only("scale_factors", (Object) null);
        file.only("time_shift_type", "exponential", "linear");
        return new FlowSchedulerConfig(
                file.integer("num_train_timesteps", 1000, 1, MAX_TIMESTEPS),
                positive(file, shiftKey(type), 1),
                dynamic(file),
                terminal(file),
                warnings(file, type));
    }

    /** The class of the file; those that also sample DDPM's noise must be set to flow matching. */
    private static String type(ConfigFile file) {
        String type = file.text(CLASS_KEY, EULER);
        if (SWITCHED.contains(type)) {
            if (!file.flag(SWITCH, false)) {
                throw file.refusal(SWITCH, type + " samples flow matching only where it is true");
            }
            file.only("prediction_type", "flow_prediction");
        } else if (!FLOW.contains(type)) {
            throw file.refusal(
                    CLASS_KEY,
                    "it does not describe flow matching, which this checkpoint is trained with; supported: "
                            + String.join(", ", FLOW) + ", and with " + SWITCH + " "
                            + String.join(", ", SWITCHED));
        }
        return type;
    }

    private static String shiftKey(String type) {
        return SWITCHED.contains(type) ? "flow_shift" : "shift";
    }

    /** Training needs the times that the model knows, not the sampler; what samples in its place is said. */
    private static List<String> warnings(ConfigFile file, String type) {
        file.ignore("shift", "flow_shift", "sigma_min", "sigma_max", "upscale_mode", "algorithm_type", "beta_end");
        file.ignore("beta_schedule", "beta_start", "corrector_order", "disable_corrector", "trained_betas");
        file.ignore("dynamic_thresholding_ratio", "euler_at_final", "final_sigmas_type", "lambda_min_clipped");
        file.ignore("lower_order_final", "predict_x0", "predictor_order", "rescale_betas_zero_snr", "solver_order");
        file.ignore("sample_max_value", "solver_p", "solver_type", "steps_offset", "tau_func", "thresholding");
        file.ignore("prediction_type", "timestep_spacing", "use_lu_lambdas", "variance_type", SWITCH);
        List<String> other = new ArrayList<>();
        for (String key : OTHER_SAMPLING) {
            if (file.value(key).isPresent() && file.flag(key, false)) {
                other.add(key);
            }
        }
        List<String> warnings = new ArrayList<>(file.warnings());
        if (!type.equals(EULER) || !other.isEmpty()) {
            warnings.add(file.file() + ": of " + type + " the times that the model is trained on are used; images are"
                    + " sampled at the times of " + EULER + " in its place"
                    + (other.isEmpty() ? "" : ", without " + String.join(", ", other)));
        }
        return warnings;
    }

    private static Optional<DynamicShift> dynamic(ConfigFile file) {
        boolean dynamic = file.flag("use_dynamic_shifting", false);
        double baseShift = file.number("base_shift", 0.5, -20, 20);
        double maxShift = file.number("max_shift", 1.15, -20, 20);
        int baseTokens =
                file.optionalInteger("base_image_seq_len", 1, MAX_TOKENS).orElse(256);
        int maxTokens = file.optionalInteger("max_image_seq_len", 1, MAX_TOKENS).orElse(4096);
        boolean linear = file.text("time_shift_type", "exponential").equals("linear");
        if (maxTokens <= baseTokens) {
            throw file.refusal("max_image_seq_len", "expected more than base_image_seq_len, which is " + baseTokens);
        }
        DynamicShift.Form form = linear ? DynamicShift.Form.LINEAR : DynamicShift.Form.EXPONENTIAL;
        DynamicShift shift = new DynamicShift(baseShift, maxShift, baseTokens, maxTokens, form);
        return dynamic ? Optional.of(shift) : Optional.empty();
    }

    /** 0 means none, as in diffusers. */
    private static Optional<Double> terminal(ConfigFile file) {
        Optional<Double> terminal = file.optionalNumber("shift_terminal").filter(value -> value != 0);
        if (terminal.isPresent() && !(terminal.get() > 0 && terminal.get() < 1)) {
            throw file.refusal("shift_terminal", "expected a time above 0 and below 1, or null");
        }
        return terminal;
    }

    private static double positive(ConfigFile file, String key, double absent) {
        double value = file.number(key, absent);
        if (!(value > 0 && value <= MAX_SHIFT)) {
            throw file.refusal(key, "expected a number above 0 and of at most " + MAX_SHIFT);
        }
        return value;
    }
}
