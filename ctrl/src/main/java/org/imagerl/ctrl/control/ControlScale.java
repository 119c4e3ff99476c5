package org.imagerl.ctrl.control;

import java.util.OptionalDouble;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;

/** The control scale gamma of a prompt. */
public final class ControlScale {
    private ControlScale() {}

    /**
     * The number in its field {@value Control#STRENGTH}; empty if there is none.
     *
     * @throws UserException if it is not above 0
     */
    public static OptionalDouble of(Prompt prompt) {
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
}
