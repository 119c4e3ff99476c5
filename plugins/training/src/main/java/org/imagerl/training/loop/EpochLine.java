package org.imagerl.training.loop;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The numbers of an epoch in one line, the most important first, for the progress line and the log. */
final class EpochLine {
    private EpochLine() {}

    /**
     * The line.
     *
     * @param metrics of the epoch; what is not there is left out
     * @param heldOut mean reward on held-out prompts at the last evaluation; null if there was none
     */
    static String of(Map<String, Double> metrics, @Nullable Double heldOut) {
        List<String> line = new ArrayList<>();
        add(line, "reward %.3f", metrics.get("reward_mean"));
        add(line, "held-out %.3f", heldOut);
        add(line, "std %.3f", metrics.get("reward_std"));
        add(line, "preferred %.0f%%", percent(metrics.get("preference_accuracy")));
        add(line, "clip %.1f%%", percent(metrics.get("clip_fraction")));
        add(line, "grad %.3g", metrics.get("grad_norm"));
        add(line, "ratio-1 %.1e", metrics.get("on_policy_deviation_max"));
        return String.join(" | ", line);
    }

    private static @Nullable Double percent(@Nullable Double share) {
        return share == null ? null : 100 * share;
    }

    private static void add(List<String> line, String format, @Nullable Double value) {
        if (value != null) {
            line.add(String.format(Locale.ROOT, format, value));
        }
    }
}
