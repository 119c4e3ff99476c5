package org.imagerl.hub.tokenizer;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.spi.text.Quote;
import tools.jackson.databind.JsonNode;

/** A {@code tokenizer.json} in Hugging Face's tokenizers library. May be used by several threads. */
public final class JsonTokenizer implements AutoCloseable {
    private static final int MAX_BYTES = 64 << 20;

    /** No text encoder sees as much; the time of some tokenizers grows with the square of a text. */
    private static final int MAX_CHARACTERS = 8192;

    private final Path source;
    private final JsonNode json;
    private final HuggingFaceTokenizer tokenizer;
    private final int size;

    private JsonTokenizer(Path source, JsonNode json, HuggingFaceTokenizer tokenizer) {
        this.source = source;
        this.json = json;
        this.tokenizer = tokenizer;
        this.size = TokenIds.highest(json) + 1;
    }

    /**
     * Reads a file of at most 64 MiB.
     *
     * @throws UserException when it is absent, too large, no tokenizer, or has something that is not known here or could end or stall the
     *     process; see {@link TokenizerCheck}
     */
    public static JsonTokenizer read(Path file) {
        return of(file, StrictJson.value(file, BoundedFile.read(file, MAX_BYTES)));
    }

    /**
     * A tokenizer of parsed JSON.
     *
     * @param source where it is from, for messages
     */
    static JsonTokenizer of(Path source, JsonNode json) {
        // Without this a machine with a GPU looks for a CUDA build of the native library on the network.
        if (System.getenv("RUST_FLAVOR") == null && System.getProperty("RUST_FLAVOR") == null) {
            System.setProperty("RUST_FLAVOR", "cpu");
        }
        Map<String, String> options = Map.of("padding", "false", "truncation", "false");
        try {
            byte[] text = TokenizerCheck.check(source, json).toString().getBytes(StandardCharsets.UTF_8);
            return new JsonTokenizer(
                    source, json, HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(text), options));
        } catch (UserException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw UserException.input(
                    source + ": is no tokenizer that can be read: " + Quote.of(String.valueOf(e.getMessage())), e);
        }
    }

    /**
     * Token ids of the first 8192 characters of a text, neither padded nor cut.
     *
     * @param special whether the tokenizer's begin and end are added
     * @return each from 0 to {@link #vocabularySize} - 1
     * @throws UserException if the tokenizer has no token for a part of the text, or gives one that it does not list
     */
    public int[] ids(String text, boolean special) {
        return Arrays.stream(encode(text, special).getIds())
                .mapToInt(this::checked)
                .toArray();
    }

    private int checked(long id) {
        if (id < 0 || id >= size) {
            throw UserException.input(source + ": gives the token id " + id + ", but its highest is " + (size - 1)
                    + "; take the tokenizer of the model's own folder");
        }
        return (int) id;
    }

    private Encoding encode(String text, boolean special) {
        try {
            return tokenizer.encode(beginning(text), special, false);
        } catch (RuntimeException e) {
            throw UserException.input(
                    source + ": cannot encode the text " + Quote.of(text) + ": "
                            + Quote.of(String.valueOf(e.getMessage())),
                    e);
        }
    }

    private static String beginning(String text) {
        if (text.length() <= MAX_CHARACTERS) {
            return text;
        }
        boolean split = Character.isHighSurrogate(text.charAt(MAX_CHARACTERS - 1));
        return text.substring(0, split ? MAX_CHARACTERS - 1 : MAX_CHARACTERS);
    }

    /**
     * The part of a text from one of its tokens on.
     *
     * @param token index in {@link #ids}, of a token that stands for text
     */
    public String from(String text, boolean special, int token) {
        CharSpan span = encode(text, special).getCharTokenSpans()[token];
        if (span == null) {
            return "";
        }
        int characters = text.codePointCount(0, text.length());
        return text.substring(text.offsetByCodePoints(0, Math.max(0, Math.min(span.getStart(), characters))));
    }

    /**
     * The id of a token by its exact text.
     *
     * @throws UserException if there is no such token
     */
    public int id(String content) {
        return TokenIds.of(source, json, content);
    }

    /** The highest id and one. */
    public int vocabularySize() {
        return size;
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
