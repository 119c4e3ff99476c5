package org.imagerl.ctrl.control;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;

/**
 * The gammas that a model is trained with and told.
 *
 * @param trained ascending; empty for a model that is told none
 */
record Strengths(List<Double> trained) {

    /** Refuses what is no range. */
    Strengths {
        trained = trained.stream().sorted().distinct().toList();
        if (trained.size() == 1) {
            throw new IllegalArgumentException(
                    "strengths must be several, or none: a single one is the objective's gamma");
        }
        if (trained.stream().anyMatch(gamma -> !(gamma > 0 && Double.isFinite(gamma)))) {
            throw new IllegalArgumentException("strengths must be above 0");
        }
    }

    boolean told() {
        return !trained.isEmpty();
    }

    /**
     * The strength that a prompt asks for.
     *
     * @throws UserException if it is none
     */
    static OptionalDouble of(Prompt prompt) {
        String text = prompt.metadata().get(Control.STRENGTH);
        return text == null
                ? OptionalDouble.empty()
                : OptionalDouble.of(parse(text, "prompt " + prompt.id() + ": " + Control.STRENGTH));
    }

    static double parse(String text, String where) {
        try {
            double gamma = Double.parseDouble(text);
            if (gamma > 0 && Double.isFinite(gamma)) {
                return gamma;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw UserException.input(where + " must be a number above 0, not '" + text + "'");
    }

    /** What the model is told: ln gamma, for classes 1 where nothing is asked. */
    double told(Prompt prompt) {
        return told() ? Math.log(of(prompt).orElse(1)) : 0;
    }

    static String text(double gamma) {
        return String.format(Locale.ROOT, "%s", gamma);
    }
}
