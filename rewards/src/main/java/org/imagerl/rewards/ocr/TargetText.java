package org.imagerl.rewards.ocr;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;

/**
 * Finds the text that a prompt asks for.
 *
 * @param quotes which marks may stand around it
 * @param fallback what is looked for if there are none
 * @param folding how texts are compared: a target of which nothing is left is none
 */
record TargetText(Quotes quotes, Fallback fallback, TextMatch.Folding folding) {
    /** The metadata field that names the text where the prompt does not quote it. */
    private static final String FIELD = "text";

    /** The marks around a text. */
    public enum Quotes {
        /** {@code "}, as in Flow-GRPO: what stands between the first two. */
        STRAIGHT("\"([^\"]*)\""),
        /** Typographic ones too, of several languages, and single ones about whole words: the first pair counts. */
        ANY("\"([^\"]*)\"|\u201c([^\u201d]*)\u201d|\u201e([^\u201c\u201d]*)[\u201c\u201d]|\u00ab([^\u00bb]*)\u00bb"
                + "|\u300c([^\u300d]*)\u300d|\u2018([^\u2019]*)\u2019|(?<!\\w)'([^']*)'(?!\\w)");

        private final Pattern pattern;

        Quotes(String pattern) {
            this.pattern = Pattern.compile(pattern);
        }
    }

    /** What is looked for if nothing is quoted. */
    public enum Fallback {
        /** Nothing: the prompt is refused before training, as a mistake. */
        ERROR,
        /** The whole prompt, as Flow-Factory does. */
        PROMPT,
        /** Nothing: its pictures have no score, which is not a zero. */
        SKIP
    }

    /**
     * The metadata field {@code text} if there is one, else what the prompt quotes, else what the fallback says.
     *
     * @return at least one character that counts
     * @throws UserException if there is none
     */
    String of(Prompt prompt) {
        String text = prompt.metadata().getOrDefault(FIELD, "");
        if (text.isEmpty()) {
            Matcher quoted = quotes.pattern.matcher(prompt.text());
            text = quoted.find() ? firstGroup(quoted) : unquoted(prompt);
        }
        if (folding.fold(text).isEmpty()) {
            throw complaint(prompt, "asks for an empty text");
        }
        return text;
    }

    /**
     * Fails early if the prompt is a mistake.
     *
     * @throws UserException as {@link #of}, but for prompts that are to be skipped
     */
    void check(Prompt prompt) {
        if (fallback != Fallback.SKIP) {
            of(prompt);
        }
    }

    private static String firstGroup(Matcher matcher) {
        for (int i = 1; i <= matcher.groupCount(); i++) {
            String group = matcher.group(i);
            if (group != null) {
                return group;
            }
        }
        return "";
    }

    private String unquoted(Prompt prompt) {
        if (fallback == Fallback.PROMPT) {
            return prompt.text();
        }
        throw complaint(prompt, "has no text between double quotes");
    }

    private static UserException complaint(Prompt prompt, String what) {
        return UserException.input("prompt " + prompt.id() + " (" + prompt.text() + ") " + what
                + " for the ocr reward to look for; write it as in: a sign that says \"472\", or give the prompt a field "
                + FIELD);
    }
}
