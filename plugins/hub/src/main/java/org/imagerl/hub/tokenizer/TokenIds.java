package org.imagerl.hub.tokenizer;

import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import tools.jackson.databind.JsonNode;

/** Looks token ids up in a {@code tokenizer.json}. */
final class TokenIds {
    private TokenIds() {}

    /** The id of an added token or of a token of the vocabulary, by its exact text. */
    static int of(Path source, JsonNode json, String content) {
        OptionalInt added = json.path("added_tokens")
                .valueStream()
                .filter(token -> content.equals(token.path("content").stringValue("")))
                .map(token -> token.path("id"))
                .filter(JsonNode::isInt)
                .mapToInt(JsonNode::intValue)
                .findFirst();
        return (added.isPresent() ? added : inVocabulary(vocabulary(json), content))
                .orElseThrow(() -> UserException.input(
                        source + ": has no token " + Quote.of(content) + ", a special token of this tokenizer"));
    }

    private static OptionalInt inVocabulary(JsonNode vocabulary, String content) {
        if (!vocabulary.isArray()) {
            JsonNode id = vocabulary.path(content);
            return id.isInt() ? OptionalInt.of(id.intValue()) : OptionalInt.empty();
        }
        return IntStream.range(0, vocabulary.size())
                .filter(id -> content.equals(vocabulary.path(id).path(0).stringValue("")))
                .findFirst();
    }

    /** Ids by token, as byte-pair vocabularies have them; or, in Unigram models, pairs of token and score in the order of ids. */
    private static JsonNode vocabulary(JsonNode json) {
        return json.path("model").path("vocab");
    }

    /** The highest id there is. */
    static int highest(JsonNode json) {
        JsonNode vocabulary = vocabulary(json);
        IntStream ids = vocabulary.isArray()
                ? IntStream.of(vocabulary.size() - 1)
                : vocabulary.valueStream().mapToInt(id -> id.asInt(-1));
        IntStream added = json.path("added_tokens")
                .valueStream()
                .mapToInt(token -> token.path("id").asInt(-1));
        return IntStream.concat(added, ids).max().orElse(-1);
    }
}
