package org.imagerl.diffusion.tokenizer;

import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;
import tools.jackson.databind.JsonNode;

/** Looks token ids up in a {@code tokenizer.json}. */
final class TokenIds {
    private TokenIds() {}

    /** The id of an added token or of a token of the vocabulary, by its exact text. */
    static int of(Path source, JsonNode json, String content) {
        return Stream.concat(
                        json.path("added_tokens")
                                .valueStream()
                                .filter(token ->
                                        content.equals(token.path("content").stringValue("")))
                                .map(token -> token.path("id")),
                        Stream.of(json.path("model").path("vocab").path(content)))
                .filter(JsonNode::isInt)
                .findFirst()
                .orElseThrow(() -> UserException.input(
                        source + ": has no token \"" + content + "\", a special token of this tokenizer"))
                .intValue();
    }

    /** The highest id there is. */
    static int highest(JsonNode json) {
        return IntStream.concat(
                        json.path("added_tokens")
                                .valueStream()
                                .mapToInt(token -> token.path("id").asInt(-1)),
                        json.path("model").path("vocab").valueStream().mapToInt(id -> id.asInt(-1)))
                .max()
                .orElse(-1);
    }
}
