package org.imagerl.rewards.ocr;

import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;

/** The text that a prompt asks for. */
final class TargetText {
    /** The metadata field that names the text where the prompt does not quote it. */
    private static final String FIELD = "text";

    private TargetText() {}

    /**
     * The metadata field {@code text} if there is one, else what stands between the first two double quotes of the prompt.
     *
     * @return at least one character that is no space
     * @throws UserException if there is none
     */
    static String of(Prompt prompt) {
        String text = prompt.metadata().getOrDefault(FIELD, "");
        if (text.isEmpty()) {
            text = quoted(prompt);
        }
        if (TextMatch.fold(text).isEmpty()) {
            throw complaint(prompt, "asks for an empty text");
        }
        return text;
    }

    private static String quoted(Prompt prompt) {
        int open = prompt.text().indexOf('"');
        int close = prompt.text().indexOf('"', open + 1);
        if (open < 0 || close < 0) {
            throw complaint(prompt, "has no text between double quotes");
        }
        return prompt.text().substring(open + 1, close);
    }

    private static UserException complaint(Prompt prompt, String what) {
        return UserException.input("prompt " + prompt.id() + " (" + prompt.text() + ") " + what
                + " for the ocr reward to look for; write it as in: a sign that says \"472\", or give the prompt a field "
                + FIELD);
    }
}
