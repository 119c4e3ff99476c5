package org.imagerl.spi;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The score of one picture.
 *
 * @param value the reward; NaN exactly if {@code error} is set
 * @param details what a person would want to know, by name (for instance {@code read}, what OCR read)
 * @param error why the picture could not be scored, or null
 */
public record Score(
        double value, Map<String, String> details, @Nullable String error) {
    public Score {
        details = Map.copyOf(details);
        if (error == null && !Double.isFinite(value)) {
            error = "the score is " + value;
        }
        if (error != null) {
            value = Double.NaN;
        }
    }

    /** A score without details. */
    public static Score of(double value) {
        return new Score(value, Map.of(), null);
    }

    /** A picture that could not be scored. */
    public static Score failed(String reason) {
        return new Score(Double.NaN, Map.of(), reason);
    }

    /** Whether there is a value. */
    public boolean ok() {
        return error == null;
    }
}
