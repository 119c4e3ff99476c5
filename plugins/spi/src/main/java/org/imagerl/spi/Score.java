package org.imagerl.spi;

import java.util.Map;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;

/**
 * The score of one image.
 *
 * @param value the reward; NaN exactly if {@code error} is set
 * @param details what a person would want to know, by name (for instance {@code read}, what OCR read)
 * @param error why the image could not be scored, or null
 */
public record Score(
        double value, Map<String, String> details, @Nullable String error) {
    /**
     * The greatest magnitude of a score. The squares of a hundred million such scores have a finite sum in float32, so that no mean, standard
     * deviation or gradient overflows; what is beyond comes from a scorer that is broken, and is a failed score.
     */
    public static final double LIMIT = 1e15;

    /** A score that is no usable number is a failed one, with that for its reason. */
    public Score {
        details = Map.copyOf(details);
        if (error == null && !isUsable(value)) {
            error = "the score is " + value
                    + (Double.isFinite(value) ? "; it must be from -" + LIMIT + " to " + LIMIT + " to be of use" : "");
        }
        if (error != null) {
            error = Quote.lines(error); // it may be a stranger's: of a server, or of a model's file
            value = Double.NaN;
        }
    }

    /** Whether a number can be a score: finite and from -{@link #LIMIT} to {@link #LIMIT}. */
    public static boolean isUsable(double value) {
        return Math.abs(value) <= LIMIT; // not of NaN
    }

    /** A score without details. */
    public static Score of(double value) {
        return new Score(value, Map.of(), null);
    }

    /** An image that could not be scored. */
    public static Score failed(String reason) {
        return new Score(Double.NaN, Map.of(), reason);
    }

    /** Whether there is a value. */
    public boolean ok() {
        return error == null;
    }
}
