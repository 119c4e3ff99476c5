package org.imagerl.flow.schedule;

import java.nio.file.Path;
import java.util.Optional;
import org.imagerl.hub.ConfigFile;

/** Builds a {@link FlowSchedulerConfig} from its file. */
final class FlowSchedulerConfigReader {
    private static final int MAX_TIMESTEPS = 100_000;
    private static final int MAX_TOKENS = 1 << 24;

    private FlowSchedulerConfigReader() {}

    static FlowSchedulerConfig read(Path path) {
        ConfigFile file = ConfigFile.read(path);
        file.only("_class_name", "FlowMatchEulerDiscreteScheduler");
        file.only("invert_sigmas", false);
        file.only("stochastic_sampling", false);
        file.only("use_karras_sigmas", false, null);
        file.only("use_exponential_sigmas", false, null);
        file.only("use_beta_sigmas", false, null);
        file.only("time_shift_type", "exponential", "linear");
        FlowSchedulerConfig config = new FlowSchedulerConfig(
                file.integer("num_train_timesteps", 1000, 1, MAX_TIMESTEPS),
                positive(file, "shift", 1),
                dynamic(file),
                terminal(file),
                file.warnings());
        return config;
    }

    private static Optional<DynamicShift> dynamic(ConfigFile file) {
        boolean dynamic = file.flag("use_dynamic_shifting", false);
        double baseShift = file.optionalNumber("base_shift").orElse(0.5);
        double maxShift = file.optionalNumber("max_shift").orElse(1.15);
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
        if (!(value > 0)) {
            throw file.refusal(key, "expected a number above 0");
        }
        return value;
    }
}
