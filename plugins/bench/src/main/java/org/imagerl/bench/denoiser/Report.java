package org.imagerl.bench.denoiser;

import java.util.Locale;
import java.util.function.Consumer;

/** Lines of numbers. */
record Report(Consumer<String> lines) {

    void line(String format, Object... values) {
        lines.accept(String.format(Locale.ROOT, format, values));
    }

    /** A number that not every system knows: NaN there. */
    void number(String what, double value) {
        line(Double.isNaN(value) ? "%s: this system does not tell" : "%s: %.2f", what, value);
    }
}
