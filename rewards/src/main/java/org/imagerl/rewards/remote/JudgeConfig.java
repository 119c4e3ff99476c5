package org.imagerl.rewards.remote;

import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.imagerl.spi.OneOf;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A vision-language model that is asked for a score of each image.
 *
 * @param url of the API, as clients of OpenAI take it: with {@code /v1}, without {@code /chat/completions}
 * @param model its name on the server
 * @param question what is asked beside the image: <code>{{prompt}}</code> is the prompt, <code>{{NAME}}</code> another field of it
 * @param scorePattern a regular expression whose first group is the score; of several matches in the answer the last one counts
 * @param scorePath where the score is in the JSON object of the answer, as a JSON pointer ({@code /score}), in the place of a pattern
 * @param min lowest possible score; an answer with a lower one is a failure
 * @param max highest possible score; an answer with a higher one is a failure
 * @param higherIsBetter whether better images have higher scores
 * @param unit what one unit is, for people
 * @param options further fields of the request, as the text of a JSON object
 * @param tokenVariable the environment variable with the key that requests send, {@code Authorization: Bearer KEY}; none is sent if
 *     absent. The key itself does not belong in a configuration, which is copied into the folder of the run.
 * @param timeoutSeconds for one request, from sending it to the last byte of the answer
 * @param retries how often a request is sent again to a server that is busy, broken or not reached
 * @param retrySeconds before the first retry; twice as long before each further one, at most 64
 * @param workers requests at a time
 * @param requestsPerMinute at most, evenly spread; 0 for any number
 * @param cache folder in which answers are kept, so that no question is paid for twice, relative to the configuration; none are kept if absent
 * @param costLog file to which the tokens of every answer are appended, one JSON object per line, relative to the configuration; none if absent
 */
@OneOf({"scorePattern", "scorePath"})
record JudgeConfig(
        String url,
        String model,
        String question,
        @Nullable String scorePattern,
        @Nullable String scorePath,
        double min,
        double max,
        boolean higherIsBetter,
        String unit,
        String options,
        @Nullable String tokenVariable,
        double timeoutSeconds,
        int retries,
        double retrySeconds,
        int workers,
        double requestsPerMinute,
        @Nullable String cache,
        @Nullable String costLog) {
    private static final JsonMapper JSON = new JsonMapper();
    /** What the request has already, and answers of which only the first would be read. */
    private static final List<String> OWN = List.of("model", "messages", "stream", "n");

    /** Refuses what cannot be. */
    public JudgeConfig {
        if ((scorePattern == null) == (scorePath == null)) {
            throw UserException.input("exactly one of score_pattern and score_path must be given");
        }
        if (!(min < max)) {
            throw UserException.input("min is " + min + " and max is " + max + "; min must be less");
        }
        if (question.isBlank()) {
            throw UserException.input("question must say what is asked of the model");
        }
        if (!(timeoutSeconds > 0 && timeoutSeconds <= 86_400) || !(retrySeconds > 0 && retrySeconds <= 60)) {
            throw UserException.input("timeout_seconds must be above 0 and at most 86400, retry_seconds above 0 and at"
                    + " most 60; they are " + timeoutSeconds + " and " + retrySeconds);
        }
        if (retries < 0 || retries > 100 || workers < 1 || workers > 256) {
            throw UserException.input(
                    "retries must be from 0 to 100, workers from 1 to 256; they are " + retries + " and " + workers);
        }
        if (!(requestsPerMinute >= 0 && requestsPerMinute <= 1e6)) {
            throw UserException.input("requests_per_minute is " + requestsPerMinute + "; it must be from 0 to 1000000");
        }
        requireOptions(options);
    }

    private static ObjectNode requireOptions(String text) {
        try {
            JsonNode json = JSON.readTree(text);
            if (json instanceof ObjectNode object && OWN.stream().noneMatch(object::has)) {
                return object;
            }
        } catch (JacksonException e) {
            throw UserException.input("options is " + Quote.of(text) + ", which is no JSON", e);
        }
        throw UserException.input("options is " + Quote.of(text) + "; it must be a JSON object without the keys "
                + String.join(", ", OWN) + ", as in '{\"temperature\": 0}'");
    }

    /** A new object with the further fields of a request. */
    ObjectNode further() {
        return requireOptions(options);
    }

    /**
     * The reader that finds the score in an answer.
     *
     * @throws UserException if the pattern or the path is none
     */
    ScoreReader reader() {
        if (scorePath != null) {
            return ScoreReader.ofPath(scorePath);
        }
        try {
            return ScoreReader.ofPattern(Pattern.compile(String.valueOf(scorePattern)));
        } catch (PatternSyntaxException e) {
            throw UserException.input(
                    "score_pattern is " + Quote.of(String.valueOf(scorePattern)) + ": " + e.getDescription(), e);
        }
    }
}
