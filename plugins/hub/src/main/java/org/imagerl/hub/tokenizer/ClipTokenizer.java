package org.imagerl.hub.tokenizer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.imagerl.spi.UserException;

/**
 * CLIP's tokenizer, from a {@code tokenizer/} folder of a checkpoint: a prompt becomes begin-of-text, its tokens in lower
 * case, end-of-text, and padding. May be used by several threads.
 *
 * <p>Folders of {@code tokenizer.json} are used as they are; those of {@code vocab.json} and {@code merges.txt} give the
 * token ids of transformers' {@code CLIPTokenizer}.
 */
public final class ClipTokenizer implements PromptTokenizer {
    private final JsonTokenizer tokenizer;
    private final int maxLength;
    private final int bosId;
    private final int eosId;
    private final int padId;
    private final int vocabularySize;

    private ClipTokenizer(JsonTokenizer tokenizer, TokenizerSettings settings) {
        this.tokenizer = tokenizer;
        this.maxLength = settings.maxLength();
        this.bosId = tokenizer.id(settings.bos().content());
        this.eosId = tokenizer.id(settings.eos().content());
        this.padId = tokenizer.id(settings.pad().content());
        this.vocabularySize = tokenizer.vocabularySize();
    }

    /**
     * Loads a tokenizer.
     *
     * @param folder with {@code tokenizer.json}, or with {@code vocab.json} and {@code merges.txt}; and optionally
     *     {@code tokenizer_config.json} and {@code special_tokens_map.json}
     * @throws UserException naming the file that is absent, too large or malformed
     */
    public static ClipTokenizer load(Path folder) {
        return load(folder, Optional.empty());
    }

    /**
     * As {@link #load(Path)}, for those who use a vocabulary in another way than its folder says.
     *
     * @param pad the token that fills prompts up; empty: as the folder says
     */
    public static ClipTokenizer load(Path folder, Optional<String> pad) {
        TokenizerSettings given = TokenizerSettings.read(folder);
        TokenizerSettings settings = pad.map(given::paddedWith).orElse(given);
        Path file = folder.resolve("tokenizer.json");
        boolean whole = Files.exists(file);
        Path source = whole ? file : folder;
        JsonTokenizer tokenizer = whole
                ? JsonTokenizer.read(file)
                : JsonTokenizer.of(folder, TokenizerJson.of(folder, settings).compose());
        return checked(tokenizer, settings, source);
    }

    /**
     * The tokenizer of the published CLIP, whose vocabulary is part of imagerl: 49,408 tokens, prompts of 77. It gives the token ids of
     * transformers' {@code CLIPTokenizer} with the files of openai/clip-vit-large-patch14.
     *
     * @param pad the token that fills prompts up; empty: end-of-text
     */
    public static ClipTokenizer published(Optional<String> pad) {
        TokenizerSettings own = TokenizerSettings.published();
        TokenizerSettings settings = pad.map(own::paddedWith).orElse(own);
        JsonTokenizer tokenizer = JsonTokenizer.of(
                PublishedVocabulary.PLACE, TokenizerJson.published(settings).compose());
        return checked(tokenizer, settings, PublishedVocabulary.PLACE);
    }

    private static ClipTokenizer checked(JsonTokenizer tokenizer, TokenizerSettings settings, Path source) {
        try {
            ClipTokenizer clip = new ClipTokenizer(tokenizer, settings);
            clip.requireBeginAndEnd(source);
            return clip;
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    @Override
    public int[] encode(String prompt) {
        int[] ids = encodeUnpadded(prompt);
        int[] padded = Arrays.copyOf(ids, maxLength);
        Arrays.fill(padded, ids.length, maxLength, padId);
        return padded;
    }

    /** As {@link #encode}, without padding: 2 to {@link #maxLength} token ids, begin and end included. */
    public int[] encodeUnpadded(String prompt) {
        int[] ids = tokenizer.ids(prompt, true);
        if (ids.length <= maxLength) {
            return ids;
        }
        int[] cut = Arrays.copyOf(ids, maxLength);
        cut[maxLength - 1] = eosId;
        return cut;
    }

    /** Whether a prompt has more tokens than a text encoder takes. */
    public boolean truncates(String prompt) {
        return tokenizer.ids(prompt, true).length > maxLength;
    }

    @Override
    public Optional<String> cutOff(String prompt) {
        // The last place is for end-of-text, so the first token that is lost is the one that would stand there.
        return truncates(prompt) ? Optional.of(tokenizer.from(prompt, true, maxLength - 1)) : Optional.empty();
    }

    @Override
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

    @Override
    public int vocabularySize() {
        return vocabularySize;
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    private void requireBeginAndEnd(Path source) {
        int[] ids = encodeUnpadded("");
        if (!Arrays.equals(ids, new int[] {bosId, eosId})) {
            throw UserException.input(source + ": is no CLIP tokenizer: it encodes the empty prompt as "
                    + Arrays.toString(ids) + "; expected begin-of-text " + bosId + ", end-of-text " + eosId);
        }
    }
}
