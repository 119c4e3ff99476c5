package org.imagerl.bench.denoiser;

import java.util.Locale;
import java.util.function.Consumer;

/** Lines of numbers, some with the bound that is wanted of them. */
record Report(Consumer<String> lines) {

    void line(String format, Object... values) {
        lines.accept(String.format(Locale.ROOT, format, values));
    }

    /** A number that should not be above its bound. */
    void atMost(String what, double value, double max) {
        verdict(what, value, "at most", max, value <= max);
    }

    /** A number that should not be below its bound. */
    void atLeast(String what, double value, double min) {
        verdict(what, value, "at least", min, value >= min);
    }

    private void verdict(String what, double value, String side, double bound, boolean holds) {
        if (Double.isNaN(value)) {
            line("%s: this system does not tell (wanted %s %.2f)", what, side, bound);
        } else {
            line("%s: %.2f (wanted %s %.2f: %s)", what, value, side, bound, holds ? "ok" : "not met");
        }
    }
}
