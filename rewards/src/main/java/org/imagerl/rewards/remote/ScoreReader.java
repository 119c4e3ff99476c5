package org.imagerl.rewards.remote;

import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Finds the score in what a language model says. */
@FunctionalInterface
interface ScoreReader {
    /** The score; empty if there is none. */
    OptionalDouble read(String answer);

    /**
     * The first group of the last match: a model that thinks aloud says the score at the end.
     *
     * @throws UserException if the pattern has no group
     */
    static ScoreReader ofPattern(Pattern pattern) {
        if (pattern.matcher("").groupCount() < 1) {
            throw UserException.input("score_pattern is " + Quote.of(pattern.pattern())
                    + "; it needs a group in parentheses around the score");
        }
        return answer -> {
            String last = null;
            try {
                for (Matcher matcher = pattern.matcher(answer); matcher.find(); ) {
                    last = matcher.group(1) == null ? last : matcher.group(1);
                }
            } catch (StackOverflowError e) {
                return OptionalDouble.empty(); // a group that is repeated takes stack for each character of the answer
            }
            return number(last);
        };
    }

    /**
     * A number of the JSON object that the answer is, or that stands in it between words or in a block of code.
     *
     * @throws UserException if the path is no JSON pointer
     */
    static ScoreReader ofPath(String path) {
        JsonPointer pointer = pointer(path);
        return answer -> {
            int from = answer.indexOf('{');
            int to = answer.lastIndexOf('}');
            if (from < 0 || to < from) {
                return OptionalDouble.empty();
            }
            try {
                JsonNode found = new JsonMapper()
                        .readTree(answer.substring(from, to + 1))
                        .at(pointer);
                return found.isNumber() || found.isString() ? number(found.asString()) : OptionalDouble.empty();
            } catch (JacksonException e) {
                return OptionalDouble.empty();
            }
        };
    }

    private static JsonPointer pointer(String path) {
        try {
            JsonPointer pointer = JsonPointer.compile(path);
            if (!pointer.matches()) {
                return pointer;
            }
        } catch (IllegalArgumentException e) {
            throw UserException.input("score_path is " + Quote.of(path) + ": " + e.getMessage(), e);
        }
        throw UserException.input("score_path must name a value of an object, as in /score");
    }

    private static OptionalDouble number(@Nullable String text) {
        try {
            return text == null ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(text.strip()));
        } catch (NumberFormatException e) {
            return OptionalDouble.empty();
        }
    }
}
