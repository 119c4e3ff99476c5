package org.imagerl.hub.tokenizer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.imagerl.spi.UserException;

/**
 * The tokenizer of a model folder of any family, as exports have it: {@code tokenizer.json}, or CLIP's {@code vocab.json} and
 * {@code merges.txt}. May be used by several threads.
 */
public final class FolderTokenizer implements AutoCloseable {
    private final JsonTokenizer tokenizer;
    private final TokenizerSettings settings;
    private final Path source;

    private FolderTokenizer(JsonTokenizer tokenizer, TokenizerSettings settings, Path source) {
        this.tokenizer = tokenizer;
        this.settings = settings;
        this.source = source;
    }

    /**
     * Loads a tokenizer.
     *
     * @throws UserException if the folder has none, naming the files that would do, or if one is malformed
     */
    public static FolderTokenizer load(Path folder) {
        Path whole = folder.resolve("tokenizer.json");
        TokenizerSettings settings = TokenizerSettings.read(folder);
        if (Files.exists(whole)) {
            return new FolderTokenizer(JsonTokenizer.read(whole), settings, whole);
        }
        JsonTokenizer composed =
                JsonTokenizer.of(folder, TokenizerJson.of(folder, settings).compose());
        return new FolderTokenizer(composed, settings, folder.resolve("vocab.json"));
    }

    /** The file that it was read from. */
    public Path source() {
        return source;
    }

    /** Tokens of a text, with begin and end, that the model takes; 77 if the folder does not say. */
    public int maxLength() {
        return settings.maxLength();
    }

    /**
     * Token ids of a text with what the tokenizer puts around it (begin and end).
     *
     * @param maxLength longer texts are cut before their last token, which ends them
     */
    public int[] encode(String text, int maxLength) {
        int[] ids = tokenizer.ids(text, true);
        if (ids.length <= maxLength) {
            return ids;
        }
        int[] cut = Arrays.copyOf(ids, maxLength);
        cut[maxLength - 1] = ids[ids.length - 1];
        return cut;
    }

    /** The id that fills a text up. */
    public int padId() {
        return tokenizer.id(settings.pad().content());
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
