package org.imagerl.diffusion.tokenizer;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.imagerl.diffusion.checkpoint.BoundedFile;
import org.imagerl.diffusion.checkpoint.ConfigFile;
import org.imagerl.spi.UserException;
import tools.jackson.databind.JsonNode;

/**
 * CLIP's tokenizer, from a {@code tokenizer/} folder of a checkpoint: a prompt becomes begin-of-text, its tokens in lower
 * case, end-of-text, and padding. May be used by several threads.
 *
 * <p>Folders of {@code tokenizer.json} are used as they are; those of {@code vocab.json} and {@code merges.txt} give the
 * token ids of transformers' {@code CLIPTokenizer}.
 */
public final class ClipTokenizer implements AutoCloseable {
    private static final int MAX_JSON_BYTES = 64 << 20;

    private final HuggingFaceTokenizer tokenizer;
    private final int maxLength;
    private final int bosId;
    private final int eosId;
    private final int padId;
    private final int vocabularySize;

    private ClipTokenizer(HuggingFaceTokenizer tokenizer, Path source, TokenizerSettings settings, JsonNode json) {
        this.tokenizer = tokenizer;
        this.maxLength = settings.maxLength();
        this.bosId = TokenIds.of(source, json, settings.bos().content());
        this.eosId = TokenIds.of(source, json, settings.eos().content());
        this.padId = TokenIds.of(source, json, settings.pad().content());
        this.vocabularySize = TokenIds.highest(json) + 1;
    }

    /**
     * Loads a tokenizer.
     *
     * @param folder with {@code tokenizer.json}, or with {@code vocab.json} and {@code merges.txt}; and optionally
     *     {@code tokenizer_config.json} and {@code special_tokens_map.json}
     * @throws UserException naming the file that is absent, too large or malformed
     */
    public static ClipTokenizer load(Path folder) {
        TokenizerSettings settings = TokenizerSettings.read(folder);
        Path file = folder.resolve("tokenizer.json");
        boolean whole = Files.exists(file);
        JsonNode json = whole
                ? ConfigFile.parse(file, BoundedFile.read(file, MAX_JSON_BYTES))
                : new TokenizerJson(folder, settings).compose();
        Path source = whole ? file : folder;
        HuggingFaceTokenizer tokenizer = open(source, json);
        try {
            ClipTokenizer clip = new ClipTokenizer(tokenizer, source, settings, json);
            clip.requireBeginAndEnd(source);
            return clip;
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    /**
     * Encodes one prompt for a text encoder.
     *
     * @param prompt any text; begin, end and padding are added
     * @return token ids [{@link #maxLength}]; of a prompt that is too long the end is cut off
     */
    public int[] encode(String prompt) {
        int[] ids = encodeUnpadded(prompt);
        int[] padded = Arrays.copyOf(ids, maxLength);
        Arrays.fill(padded, ids.length, maxLength, padId);
        return padded;
    }

    /** As {@link #encode}, without padding: 2 to {@link #maxLength} token ids, begin and end included. */
    public int[] encodeUnpadded(String prompt) {
        int[] ids = Arrays.stream(tokens(prompt).getIds())
                .mapToInt(Math::toIntExact)
                .toArray();
        if (ids.length <= maxLength) {
            return ids;
        }
        int[] cut = Arrays.copyOf(ids, maxLength);
        cut[maxLength - 1] = eosId;
        return cut;
    }

    /** Whether a prompt has more tokens than a text encoder takes. */
    public boolean truncates(String prompt) {
        return tokens(prompt).getIds().length > maxLength;
    }

    /** The end of a prompt that the text encoder will not see; empty when it sees all of it. */
    public Optional<String> cutOff(String prompt) {
        Encoding encoding = tokens(prompt);
        if (encoding.getIds().length <= maxLength) {
            return Optional.empty();
        }
        // The last place is for end-of-text, so the first token that is lost is the one that would stand there.
        CharSpan first = encoding.getCharTokenSpans()[maxLength - 1];
        return Optional.of(prompt.substring(prompt.offsetByCodePoints(0, first.getStart())));
    }

    /** Tokens of an encoded prompt. */
    public int maxLength() {
        return maxLength;
    }

    /** Id of begin-of-text. */
    public int bosId() {
        return bosId;
    }

    /** Id of end-of-text. */
    public int eosId() {
        return eosId;
    }

    /** Id that fills a prompt up. */
    public int padId() {
        return padId;
    }

    /** The highest id and one: the rows that the text encoder's embedding needs. */
    public int vocabularySize() {
        return vocabularySize;
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    private Encoding tokens(String prompt) {
        return tokenizer.encode(prompt, true, false);
    }

    private static HuggingFaceTokenizer open(Path source, JsonNode json) {
        // Without this a machine with a GPU looks for a CUDA build of the native library on the network.
        if (System.getenv("RUST_FLAVOR") == null && System.getProperty("RUST_FLAVOR") == null) {
            System.setProperty("RUST_FLAVOR", "cpu");
        }
        Map<String, String> options = Map.of("padding", "false", "truncation", "false");
        try {
            return HuggingFaceTokenizer.newInstance(
                    new ByteArrayInputStream(json.toString().getBytes(StandardCharsets.UTF_8)), options);
        } catch (IOException | RuntimeException e) {
            throw UserException.input(source + ": is no tokenizer that can be read: " + e.getMessage(), e);
        }
    }

    private void requireBeginAndEnd(Path source) {
        int[] ids = encodeUnpadded("");
        if (!Arrays.equals(ids, new int[] {bosId, eosId})) {
            throw UserException.input(source + ": is no CLIP tokenizer: it encodes the empty prompt as "
                    + Arrays.toString(ids) + "; expected begin-of-text " + bosId + ", end-of-text " + eosId);
        }
    }
}
