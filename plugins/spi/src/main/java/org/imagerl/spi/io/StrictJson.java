package org.imagerl.spi.io;

import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** JSON of strangers: duplicate keys, trailing words and deep nesting are refused, never resolved silently. */
public final class StrictJson {
    private static final int MAX_FILE_BYTES = 64 << 20;
    private static final int MAX_DEPTH = 64;
    private static final int MAX_NAME_CHARACTERS = 4096;
    private static final int MAX_NUMBER_CHARACTERS = 64;

    // Names are not kept in the parser's symbol table: they are unique, and a stranger could make them collide.
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNameLength(MAX_NAME_CHARACTERS)
                    .maxNumberLength(MAX_NUMBER_CHARACTERS)
                    .build())
            .build();

    private static final JsonMapper MAPPER = JsonMapper.builder(FACTORY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            // As Python writes them; whoever uses a number refuses those that are not finite.
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private StrictJson() {}

    /** A parser over characters, token by token; it throws {@link JacksonException} on bad JSON. */
    public static JsonParser parser(Reader characters) {
        return FACTORY.createParser(ObjectReadContext.empty(), characters);
    }

    /** An empty object to fill. */
    public static ObjectNode newObject() {
        return MAPPER.createObjectNode();
    }

    /** The text of an object, indented, for people. */
    public static String indented(ObjectNode object) {
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(object);
    }

    /** The text of an object, without spaces. */
    public static String compact(ObjectNode object) {
        return MAPPER.writeValueAsString(object);
    }

    /**
     * Parses one value. {@code Infinity}, {@code -Infinity} and {@code NaN} are numbers, as Python writes them.
     *
     * @param file named in errors
     * @param json UTF-8 text
     * @throws UserException if the text is not one value of JSON
     */
    public static JsonNode value(Path file, byte[] json) {
        try {
            return MAPPER.readTree(json);
        } catch (JacksonException problem) {
            throw notJson(file.toString(), problem);
        }
    }

    /**
     * Parses an object.
     *
     * @param where what the message begins with: the file and the key the text was found under
     * @throws UserException if the text is not one JSON object
     */
    public static ObjectNode object(String where, String text) {
        try {
            if (MAPPER.readTree(text) instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException problem) {
            throw notJson(where, problem);
        }
        throw UserException.input(where + ": expected a JSON object in braces");
    }

    /**
     * Reads a file that holds one object, of at most 64 MiB.
     *
     * @throws UserException if it is missing, too large, or no JSON object
     */
    public static ObjectNode object(Path file) {
        byte[] json = BoundedFile.read(file, MAX_FILE_BYTES);
        try {
            return object(
                    file.toString(),
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(json))
                            .toString());
        } catch (CharacterCodingException problem) {
            throw UserException.input(file + ": is not UTF-8 text, so no JSON description", problem);
        }
    }

    public static UserException notJson(String where, JacksonException problem) {
        if (problem.getCause() instanceof CharacterCodingException) {
            return UserException.input(where + ": is not UTF-8 text, so no JSON", problem);
        }
        String reason = String.valueOf(problem.getOriginalMessage()).replace('\n', ' ');
        String line = problem.getLocation() == null
                ? ""
                : " (line " + problem.getLocation().getLineNr() + ")";
        return UserException.input(where + ": is not valid JSON: " + Quote.of(reason) + line, problem);
    }
}
