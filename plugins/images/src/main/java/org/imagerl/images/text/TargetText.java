package org.imagerl.images.text;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;

/**
 * Finds the text that a prompt asks for.
 *
 * @param quotes which marks may stand around it
 * @param fallback what is looked for if there are none
 * @param folding how texts are compared: a target of which nothing is left is none
 */
public record TargetText(Quotes quotes, Fallback fallback, TextFolding folding) {
    /** The metadata field that names the text where the prompt does not quote it. */
    private static final String FIELD = "text";

    /** The marks around a text. */
    public enum Quotes {
        /** {@code "}; where a prompt has no two of them, the others as {@code ANY}. */
        AUTO(Marks.STRAIGHT, Marks.OTHERS),
        /** {@code "}, as in Flow-GRPO: what stands between the first two. */
        STRAIGHT(Marks.STRAIGHT),
        /**
         * Those of all languages and scripts: the first pair of a prompt counts. Single ones and apostrophes count about whole words, so
         * that those within a word ({@code don't}) are none.
         */
        ANY(Marks.STRAIGHT + "|" + Marks.OTHERS);

        @SuppressWarnings("ImmutableEnumChecker") // made by toList(), and patterns are immutable
        private final List<Pattern> patterns;

        Quotes(String... patterns) {
            this.patterns = Stream.of(patterns)
                    .map(pattern -> Pattern.compile(pattern, Pattern.UNICODE_CHARACTER_CLASS))
                    .toList();
        }

        /** The text that the prompt quotes. */
        Optional<String> find(String prompt) {
            for (Pattern pattern : patterns) {
                Matcher quoted = pattern.matcher(prompt);
                if (quoted.find()) {
                    return Optional.of(firstGroup(quoted));
                }
            }
            return Optional.empty();
        }
    }

    /** Patterns of a text between two marks, in a group. */
    private static final class Marks {
        static final String STRAIGHT = pair("\"", "\"");

        static final String OTHERS = Stream.of(
                        pair("\uff02", "\uff02"), // full-width
                        pair("\u201c", "\u201d"), // English, Chinese
                        pair("\u201e", "\u201c\u201d\u201f"), // German, Polish
                        pair("\u201f", "\u201d"),
                        pair("\u201d", "\u201d"), // Swedish, Finnish
                        pair("\u00ab", "\u00bb"), // French, Russian
                        pair("\u00bb", "\u00ab"), // Danish, German books
                        pair("\u2039", "\u203a"),
                        pair("\u203a", "\u2039"),
                        pair("\u300c", "\u300d"), // Japanese, Chinese in columns
                        pair("\u300e", "\u300f"),
                        pair("\uff62", "\uff63"), // half-width
                        pair("\u301d", "\u301e\u301f"),
                        pair("\u275d", "\u275e"), // ornaments
                        pair("\u275b", "\u275c"),
                        "``([^`']*)''", // TeX
                        "```([^`]*)```",
                        "``([^`]*)``",
                        pair("`", "`"),
                        "`([^`']*)'(?!\\w)",
                        single("\u2018", "\u2019"),
                        single("\u201a", "\u2018\u2019"),
                        single("\u201b", "\u2019"),
                        single("\uff07", "\uff07"),
                        single("\u2019", "\u2019"),
                        single("'", "'"))
                .collect(Collectors.joining("|"));

        private Marks() {}

        private static String pair(String open, String close) {
            return "[" + open + "]([^" + close + "]*)[" + close + "]";
        }

        /** Marks that are apostrophes too. */
        private static String single(String open, String close) {
            String apostrophe = "(?<=\\w)[" + close + "](?=\\w)";
            return "(?<!\\w)[" + open + "]((?:[^" + close + "]|" + apostrophe + ")*)[" + close + "](?!\\w)";
        }
    }

    /** What is looked for if nothing is quoted. */
    public enum Fallback {
        /** Nothing: the prompt is refused before training, as a mistake. */
        ERROR,
        /** The whole prompt, as Flow-Factory does. */
        PROMPT,
        /** Nothing: its images have no score, which is not a zero. */
        SKIP
    }

    /**
     * The metadata field {@code text} if there is one, else what the prompt quotes, else what the fallback says.
     *
     * @return at least one character that counts
     * @throws UserException if there is none
     */
    public String of(Prompt prompt) {
        String text = prompt.metadata().getOrDefault(FIELD, "");
        if (text.isEmpty()) {
            text = quotes.find(prompt.text()).orElseGet(() -> unquoted(prompt));
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
    public void check(Prompt prompt) {
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
        throw complaint(prompt, "has no text between " + (quotes == Quotes.STRAIGHT ? "double quotes (\")" : "quotes"));
    }

    private static UserException complaint(Prompt prompt, String what) {
        return UserException.input("prompt " + Quote.of(prompt.id()) + " (" + Quote.of(prompt.text()) + ") " + what
                + " for a reader to look for; write it as in: a sign that says \"472\", or give the prompt a"
                + " field "
                + FIELD);
    }
}
