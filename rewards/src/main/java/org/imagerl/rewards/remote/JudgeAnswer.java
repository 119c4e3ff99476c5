package org.imagerl.rewards.remote;

import org.imagerl.spi.io.HttpExchange;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The answer of a model.
 *
 * @param text of the answer; empty where there is none
 * @param ended why it ended, for instance {@code stop} or {@code length}; empty if the server does not say
 * @param promptTokens of the question with its image; null if the server does not say
 * @param completionTokens of the answer; null if the server does not say
 */
record JudgeAnswer(
        String text,
        String ended,
        @Nullable Long promptTokens,
        @Nullable Long completionTokens) {
    /** Of the body that is read. */
    static final int MAX_BYTES = 1 << 20;

    private static final int MAX_CHARACTERS = 20_000;
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * Reads an answer of {@code /chat/completions}.
     *
     * @throws Failure if it is none
     */
    static JudgeAnswer of(HttpExchange.Answer answer) {
        boolean again = answer.status() / 100 == 5 || answer.status() == 429 || answer.status() == 408;
        if (answer.cut()) {
            throw new Failure("answers with more than " + MAX_BYTES + " bytes", false);
        }
        JsonNode json = json(answer.body());
        if (answer.status() / 100 != 2 || !json.path("choices").isArray()) {
            JsonNode error = json.path("error");
            String said = error.isString() ? text(error) : text(error.path("message"));
            throw new Failure(
                    "answers with status " + answer.status() + ": "
                            + (said.isBlank() ? Failure.excerpt(answer.body()) : Quote.of(said)),
                    again);
        }
        JsonNode choice = json.path("choices").path(0);
        JsonNode message = choice.path("message");
        String text = text(message.path("content"));
        if (text.isBlank()) {
            text = text(message.path("refusal"));
        }
        return new JudgeAnswer(
                text.length() <= MAX_CHARACTERS ? text : text.substring(text.length() - MAX_CHARACTERS),
                text(choice.path("finish_reason")),
                tokens(json.path("usage").path("prompt_tokens")),
                tokens(json.path("usage").path("completion_tokens")));
    }

    /** Reads what a JSON mapper made of one; what is missing is empty. */
    static JudgeAnswer kept(JsonNode json) {
        return new JudgeAnswer(
                text(json.path("text")),
                text(json.path("ended")),
                tokens(json.path("promptTokens")),
                tokens(json.path("completionTokens")));
    }

    /** Empty where it is no text: servers may send lists and null. */
    private static String text(JsonNode node) {
        return node.isString() ? node.stringValue() : "";
    }

    private static JsonNode json(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (JacksonException e) {
            return JSON.missingNode(); // the caller says what came instead
        }
    }

    @Nullable
    private static Long tokens(JsonNode count) {
        return count.canConvertToLong() && count.isIntegralNumber() && count.longValue() >= 0
                ? count.longValue()
                : null;
    }

    /** Why there is no score, as far as this says it. */
    String problem() {
        return "no score in the answer " + Quote.of(text)
                + (ended.isEmpty() || ended.equals("stop") ? "" : ", which ended because of " + Quote.of(ended));
    }
}
