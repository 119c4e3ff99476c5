package org.imagerl.toolkit.lora.files;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;

/**
 * A key of {@code rank_pattern} or {@code alpha_pattern}: a regular expression for the end of a layer name, as PEFT takes it
 * ({@code (.*\.)?(KEY)$} from the beginning of the name). Since it comes from a stranger's file, the work it may cause is
 * bounded.
 */
final class AdapterPattern {
    private static final int MAX_CHARACTERS = 512;
    private static final int MAX_STEPS = 200_000;

    private final String where;
    private final String key;
    private final Pattern pattern;

    /** @throws UserException if the key is too long or no regular expression */
    AdapterPattern(String where, String key) {
        this.where = where;
        this.key = key;
        if (key.length() > MAX_CHARACTERS) {
            throw UserException.input(where + ": the pattern " + Quote.of(key) + " is longer than " + MAX_CHARACTERS);
        }
        try {
            this.pattern = Pattern.compile("(.*\\.)?(" + key + ")");
        } catch (PatternSyntaxException problem) {
            throw UserException.input(
                    where + ": the pattern " + Quote.of(key) + " is no regular expression: " + problem.getDescription(),
                    problem);
        }
    }

    /** @throws UserException if the expression takes too many steps to answer */
    boolean matches(String layer) {
        if (layer.length() > MAX_CHARACTERS) {
            return false;
        }
        return pattern.matcher(new Metered(layer, new int[] {MAX_STEPS})).matches();
    }

    /** Text that counts how often it is looked at: the only way to stop a matcher. */
    private final class Metered implements CharSequence {
        private final CharSequence text;
        private final int[] stepsLeft;

        Metered(CharSequence text, int[] stepsLeft) {
            this.text = text;
            this.stepsLeft = stepsLeft;
        }

        @Override
        public char charAt(int index) {
            if (--stepsLeft[0] < 0) {
                throw UserException.input(where + ": the pattern " + Quote.of(key)
                        + " takes too long to match: write the names of the layers instead");
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Metered(text.subSequence(start, end), stepsLeft);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
