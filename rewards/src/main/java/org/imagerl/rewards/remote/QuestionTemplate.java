package org.imagerl.rewards.remote;

import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;

/**
 * A text with places for the fields of a prompt.
 *
 * @param text has <code>{{prompt}}</code> for the prompt and <code>{{NAME}}</code> for its other fields; single braces are letters as others
 */
record QuestionTemplate(String text) {
    private static final Pattern PLACE = Pattern.compile("\\{\\{\\s*([^{}\\s]+)\\s*}}");

    /**
     * The text for a prompt. What stands in its fields is not searched for places.
     *
     * @throws UserException if the prompt has no such field
     */
    String fill(Prompt prompt) {
        return PLACE.matcher(text).replaceAll(place -> Matcher.quoteReplacement(value(place, prompt)));
    }

    private static String value(MatchResult place, Prompt prompt) {
        String name = place.group(1);
        String value = name.equals("prompt") ? prompt.text() : prompt.metadata().get(name);
        if (value == null) {
            throw UserException.input("vlm-judge: the prompt " + Quote.of(prompt.text()) + " has no field "
                    + Quote.of(name) + ", which the question names; add it to the prompt file (.jsonl or .csv)");
        }
        return value;
    }
}
