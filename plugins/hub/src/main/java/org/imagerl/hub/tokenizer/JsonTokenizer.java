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
import org.imagerl.hub.ConfigFile;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import tools.jackson.databind.JsonNode;

/** A {@code tokenizer.json} in Hugging Face's tokenizers library. May be used by several threads. */
public final class JsonTokenizer implements AutoCloseable {
    private static final int MAX_BYTES = 64 << 20;

    private final Path source;
    private final JsonNode json;
    private final HuggingFaceTokenizer tokenizer;

    private JsonTokenizer(Path source, JsonNode json, HuggingFaceTokenizer tokenizer) {
        this.source = source;
        this.json = json;
        this.tokenizer = tokenizer;
    }

    /**
     * Reads a file of at most 64 MiB.
     *
     * @throws UserException when it is absent, too large or no tokenizer
     */
    public static JsonTokenizer read(Path file) {
        return of(file, ConfigFile.parse(file, BoundedFile.read(file, MAX_BYTES)));
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
            byte[] text = json.toString().getBytes(StandardCharsets.UTF_8);
            return new JsonTokenizer(
                    source, json, HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(text), options));
        } catch (IOException | RuntimeException e) {
            throw UserException.input(source + ": is no tokenizer that can be read: " + e.getMessage(), e);
        }
    }

    /**
     * Token ids of a text, neither padded nor cut.
     *
     * @param special whether the tokenizer's begin and end are added
     */
    public int[] ids(String text, boolean special) {
        return Arrays.stream(tokenizer.encode(text, special, false).getIds())
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    /**
     * The part of a text from one of its tokens on.
     *
     * @param token index in {@link #ids}, of a token that stands for text
     */
    public String from(String text, boolean special, int token) {
        Encoding encoding = tokenizer.encode(text, special, false);
        CharSpan span = encoding.getCharTokenSpans()[token];
        return text.substring(text.offsetByCodePoints(0, span.getStart()));
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
        return TokenIds.highest(json) + 1;
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
